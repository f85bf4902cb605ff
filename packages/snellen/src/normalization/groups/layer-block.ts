// The block that a normalization's gradient gain is about: [weight → normalization → φ], or [weight → φ → normalization], from
// the value that the weight reads to the value that leaves. methods.md §1 (arXiv:2302.03193; blocks derived here).
import {
  attr,
  dimsOf,
  elementCount,
  type GraphIndex,
  indexGraph,
  type Model,
  type Node,
  type Shapes,
} from "@snellen/graph";
import { isConstant } from "../forms/support.ts";
import type { Normalization } from "../normalization.ts";
import { type FoundActivation, findActivations } from "./activation-nodes.ts";

/** The weight layer in numbers. */
export interface WeightLayer {
  readonly node: Node;
  /** Numbers that one of its outputs is made of: input channels (of a group) times kernel positions. */
  readonly fanIn: number;
  /** Outputs that one of its inputs goes into, were the stride 1. */
  readonly fanOut: number;
  /** Kernel positions; 1 for a linear layer. */
  readonly kernel: number;
  /** Product of the strides along all axes. */
  readonly stride: number;
}

export interface LayerBlock {
  readonly normalization: Normalization;
  /** What the block reads. */
  readonly input: string;
  /** What leaves it. */
  readonly output: string;
  /** Undefined where the normalization follows no weight layer: then the block is [normalization → φ]. */
  readonly weight: WeightLayer | undefined;
  readonly position: "before-activation" | "after-activation";
  /** φ of the block. */
  readonly activation: FoundActivation | "none";
  /** What the block's input went through last. */
  readonly inputActivation: FoundActivation | "none";
  /** Whether it was normalized before that; sums of branches and pictures were not. */
  readonly isInputNormalized: boolean;
  /** Positions that a group's statistics run over: 1 for a linear layer. */
  readonly positions: number;
  /** Elements of input and output of one image. */
  readonly inputSize: number;
  readonly outputSize: number;
}

/** Elements that a value has for one image. */
export const imageElements = (shapes: Shapes, value: string): number =>
  elementCount((dimsOf(shapes, value) ?? []).slice(1));

/** @param normalizations of the model, all of them: the inputs of blocks are told by what is before them */
export function layerBlocks(
  model: Model,
  shapes: Shapes,
  normalizations: readonly Normalization[],
): LayerBlock[] {
  const index = indexGraph(model);
  const activations = findActivations(model);
  const byOutput = new Map([...activations].map(([input, found]) => [found.output, { input, found }]));
  const normalized = new Set(normalizations.map(({ output }) => output));
  const size = (value: string): number => imageElements(shapes, value);
  const inputOf = (value: string): Pick<LayerBlock, "inputActivation" | "isInputNormalized"> => {
    const origin = throughMovers(index, value);
    const activated = byOutput.get(origin);
    const before = activated === undefined ? origin : throughMovers(index, activated.input);
    return { inputActivation: activated?.found ?? "none", isInputNormalized: normalized.has(before) };
  };
  return normalizations.map((normalization): LayerBlock => {
    const before = weightBefore(index, shapes, normalization.input, byOutput);
    const after = activations.get(normalization.output);
    const isAfter = before.activation !== undefined && before.weight !== undefined;
    const input = before.weight?.node.inputs[before.weight.data] ?? normalization.input;
    const output = isAfter ? normalization.output : (after?.output ?? normalization.output);
    return {
      normalization,
      input,
      output,
      weight: before.weight,
      position: isAfter ? "after-activation" : "before-activation",
      activation: (isAfter ? before.activation : after) ?? "none",
      ...inputOf(input),
      positions: size(normalization.input) / normalization.channels,
      inputSize: size(input),
      outputSize: size(output),
    };
  });
}

/** Operators that hand values on. */
const MOVERS = new Set([
  "Cast",
  "Dropout",
  "Flatten",
  "Identity",
  "Reshape",
  "Squeeze",
  "Transpose",
  "Unsqueeze",
]);

/** The value before operators that only move it, or pad it. */
function throughMovers(index: GraphIndex, value: string): string {
  const node = index.producer(value);
  return node !== undefined && (MOVERS.has(node.opType) || node.opType === "Pad")
    ? throughMovers(index, node.inputs[0] as string)
    : value;
}

interface Before {
  readonly weight: (WeightLayer & { readonly data: number }) | undefined;
  /** Between weight and normalization. */
  readonly activation: FoundActivation | undefined;
}

/** The weight layer that a value comes from, past biases, movers and one activation. */
function weightBefore(
  index: GraphIndex,
  shapes: Shapes,
  value: string,
  activations: ReadonlyMap<string, { readonly input: string; readonly found: FoundActivation }>,
  activation?: FoundActivation,
): Before {
  const activated = activation === undefined ? activations.get(value) : undefined;
  if (activated !== undefined)
    return weightBefore(index, shapes, activated.input, activations, activated.found);
  const node = index.producer(value);
  if (node === undefined || node.domain !== "") return { weight: undefined, activation };
  const weight = weightLayer(index, shapes, node);
  if (weight !== undefined) return { weight, activation };
  const computed = node.inputs.filter((name) => name !== "" && !isConstant(index, name));
  const isHanded = MOVERS.has(node.opType) || (node.opType === "Add" && computed.length === 1);
  return isHanded
    ? weightBefore(index, shapes, computed[0] as string, activations, activation)
    : { weight: undefined, activation };
}

/** A convolution or matrix product with a constant, standardized and dequantized ones too: its sizes, and which of its inputs is the data. */
function weightLayer(
  index: GraphIndex,
  shapes: Shapes,
  node: Node,
): (WeightLayer & { readonly data: number }) | undefined {
  const [a = "", b = ""] = node.inputs;
  const isConv = node.opType === "Conv" || node.opType === "ConvTranspose";
  if (!isConv && node.opType !== "MatMul" && node.opType !== "Gemm") return undefined;
  const data = isConstant(index, b) ? 0 : isConstant(index, a) && !isConv ? 1 : undefined;
  const dims = data === undefined ? undefined : dimsOf(shapes, data === 0 ? b : a);
  if (data === undefined || dims === undefined || dims.length < 2) return undefined;
  if (isConv) {
    const kernel = elementCount(dims.slice(2));
    const group = attr.int(node, "group", 1);
    const [first, second] = dims as [number, number];
    const [into, from] = node.opType === "Conv" ? [second, first / group] : [first / group, second];
    const stride = elementCount(attr.ints(node, "strides") ?? []);
    // each output of a transposed convolution is made of kernel/stride positions
    const isTransposed = node.opType === "ConvTranspose";
    return {
      node,
      data,
      fanIn: (into * kernel) / (isTransposed ? stride : 1),
      fanOut: (from * kernel) / (isTransposed ? stride : 1),
      kernel,
      stride: isTransposed ? 1 / stride : stride,
    };
  }
  const [rows, columns] = dims.slice(-2) as [number, number];
  const isTurned = node.opType === "Gemm" && attr.int(node, data === 0 ? "transB" : "transA", 0) === 1;
  const isIn = (data === 0) !== isTurned;
  return { node, data, fanIn: isIn ? rows : columns, fanOut: isIn ? columns : rows, kernel: 1, stride: 1 };
}
