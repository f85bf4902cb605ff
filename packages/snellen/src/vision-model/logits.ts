// Finds the value that holds the class scores: before a final Softmax, LogSoftmax or Sigmoid, whose saturation would kill gradients.
import {
  attr,
  BATCH,
  closest,
  type GraphBuilder,
  isFloating,
  ModelError,
  type Node,
  UsageError,
} from "@snellen/graph";
import { productAxis } from "./product-axis.ts";
import { scoresBesideBoxes } from "./scores-beside-boxes.ts";

export interface LogitsInfo {
  /** Value of the graph that holds the scores: [N, classes], [N] for a single one, more dims for dense outputs. */
  readonly value: string;
  readonly classes: number;
  /** Axis of `value` that counts the classes; of [N] the one that it lacks. */
  readonly classAxis: number;
  /** The graph output it was found from. */
  readonly output: string;
  /** The operator skipped between the two, if any; probabilities, or their logarithms, are its output. */
  readonly skipped: "Softmax" | "LogSoftmax" | "Sigmoid" | undefined;
  /** Dims of `value` after the batch: [classes] or [classes, 1, 1], others for dense outputs, none for [N]. */
  readonly shape: readonly number[];
}

/** Operators through which the way back to the final Softmax leads. */
const TRANSPARENT = new Set([
  "Identity",
  "Reshape",
  "Flatten",
  "Squeeze",
  "Unsqueeze",
  "Cast",
  "QuantizeLinear",
  "DequantizeLinear",
]);
const SATURATING = new Set(["Softmax", "LogSoftmax", "Sigmoid"]);

/** Scores before the end of the graph, and the node that was skipped. */
interface Found {
  readonly value: string;
  readonly skipped: Node | undefined;
}

/**
 * @param wanted name of an output or of any value (`--output`)
 * @param channelAxisOf channel axis of values that are feature maps
 * @throws ModelError `no-logits`; UsageError `unknown-output`
 */
export function findLogits(
  b: GraphBuilder,
  outputs: readonly string[],
  channelAxisOf: (value: string) => number | undefined,
  wanted?: string,
): LogitsInfo {
  const { output, found } = wanted === undefined ? likeliest(b, outputs) : named(b, outputs, wanted);
  return describeLogits(b, output, found, channelAxisOf(found.value));
}

function named(
  b: GraphBuilder,
  outputs: readonly string[],
  wanted: string,
): { output: string; found: Found } {
  if (b.shapes.probes[0]?.has(wanted) !== true) {
    const near = closest(wanted, [...(b.shapes.probes[0]?.keys() ?? [])]);
    throw new UsageError("unknown-output", `the model has no value "${wanted}".`, {
      where: "--output",
      hint: `Did you mean "${near}"? Its outputs: ${outputs.join(", ")}.`,
    });
  }
  const isOutput = outputs.includes(wanted);
  return {
    output: wanted,
    found: isOutput ? beforeSaturation(b, wanted) : { value: wanted, skipped: undefined },
  };
}

function likeliest(b: GraphBuilder, outputs: readonly string[]): { output: string; found: Found } {
  const best = outputs
    .filter((name) => b.shapes.probes[0]?.has(name) === true)
    .map((output) => ({ output, found: beforeSaturation(b, output) }))
    .filter(({ found }) => isFloating(b.shapes.probes[0]?.get(found.value)?.dataType))
    .map((c) => ({ ...c, rank: likeness(b.dims(c.found.value)) }))
    .sort((a, c) => a.rank - c.rank)[0];
  if (best !== undefined) return best;
  throw new ModelError("no-logits", "no output of known shape holds floating-point scores.", {
    hint: `Name the value to explain: --output <value>. Outputs: ${outputs.join(", ")}.`,
  });
}

/** Lower is more like a classifier's output: [N, C] before [N, C, 1, 1] before anything else. */
function likeness(dims: readonly number[]): number {
  const rest = dims.slice(1).filter((d) => d !== 1);
  if (dims.length === 2) return 0;
  return rest.length === 1 ? 1 : 2;
}

function beforeSaturation(b: GraphBuilder, output: string): Found {
  let [value, scores] = [output, output];
  for (let node = b.producer(value); node !== undefined; node = b.producer(value)) {
    if (SATURATING.has(node.opType))
      return { value: unquantized(b, node.inputs[0] as string), skipped: node };
    const part = scoresBehind(b, node);
    if (part === undefined && !TRANSPARENT.has(node.opType)) break;
    value = part ?? (node.inputs[0] as string);
    scores = part ?? scores;
  }
  return { value: unquantized(b, scores), skipped: undefined };
}

/** Scores of which a node tells the highest, or beside which it puts others. */
function scoresBehind(b: GraphBuilder, node: Node): string | undefined {
  if (node.opType === "ArgMax") return node.inputs[0];
  return node.opType === "Concat" ? scoresBesideBoxes(b, node) : undefined;
}

/** Quantized scores are explained by the floating values that were quantized: the highest often is the last one that fits. */
function unquantized(b: GraphBuilder, scores: string): string {
  const node = b.producer(scores);
  const quantizer = node?.opType === "DequantizeLinear" ? b.producer(node.inputs[0] as string) : node;
  return quantizer?.opType === "QuantizeLinear" || (quantizer === node && node?.opType === "Cast")
    ? unquantized(b, quantizer?.inputs[0] as string)
    : scores;
}

function describeLogits(
  b: GraphBuilder,
  output: string,
  { value, skipped }: Found,
  channelAxis: number | undefined,
): LogitsInfo {
  const dims = b.dims(value);
  const isSingle = dims.length === 1 && dims[0] === BATCH;
  if (dims.length < 2 && !isSingle)
    throw new ModelError("no-logits", `output "${output}" has no row of scores for each picture.`, {
      hint: "Name a value with one row a picture: --output <value>.",
    });
  const shape = dims.slice(1);
  if (shape.includes(BATCH))
    throw new ModelError("no-logits", `output "${output}" has more than one axis that follows the batch.`, {
      hint: "Name another value: --output <value>.",
    });
  const classAxis = classAxisOf(dims, skipped, channelAxis ?? productAxis(b, value));
  return {
    value,
    skipped: skipped?.opType as LogitsInfo["skipped"],
    output,
    classes: dims[classAxis] ?? 1,
    classAxis,
    shape,
  };
}

/**
 * The axis that a Softmax worked along, a map's channels or those of a linear layer, or the shorter of the axes that are longer
 * than one.
 */
function classAxisOf(
  dims: readonly number[],
  skipped: Node | undefined,
  madeAlong: number | undefined,
): number {
  const longer = dims.flatMap((d, axis) => (axis > 0 && d > 1 ? [axis] : []));
  const [only = 1, ...others] = longer;
  if (others.length === 0) return only;
  if (skipped !== undefined && skipped.opType !== "Sigmoid") {
    const axis = attr.int(skipped, "axis", -1);
    return axis < 0 ? axis + dims.length : axis;
  }
  return madeAlong ?? [...longer].sort((a, c) => (dims[a] as number) - (dims[c] as number))[0] ?? only;
}
