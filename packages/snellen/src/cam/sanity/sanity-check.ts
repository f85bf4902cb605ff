// Sanity check: a map that explains a network should change when the network's weights do. Adebayo et al., "Sanity Checks for
// Saliency Maps", NeurIPS 2018, arXiv:1810.03292: weights randomized from the scores downwards, layer after layer (cascading).
import {
  attr,
  createBuilder,
  dimsOf,
  elementCount,
  floatTensor,
  isExternal,
  isFloating,
  type Model,
  type Node,
  removeDead,
  type Shapes,
  type Tensor,
  tensorValues,
  UsageError,
  valuesReadBy,
} from "@snellen/graph";
import { randomStream } from "../../random.ts";
import { normals } from "../measures/normals.ts";

export interface RandomizeOptions {
  /** How many weighted layers lose their weights, counted from the scores; those beyond the last change nothing. */
  readonly fromTop: number;
  readonly seed: number;
  /** Value that holds the scores (`DescribedModel.logits.value`); default the first graph output. */
  readonly scores?: string;
}

export interface RandomizedModel {
  readonly model: Model;
  /** Shapes of the model's values, the new weights among them. */
  readonly shapes: Shapes;
  /** Outputs of the layers that were randomized, from the scores downwards. */
  readonly layers: readonly string[];
}

/** A node whose product is with a constant, and which of its inputs that is. */
interface WeightedLayer {
  readonly node: Node;
  readonly input: number;
}

/** Which inputs of an operator can be its weights, in the order they are looked at. */
const WEIGHT_INPUTS: Readonly<Record<string, readonly number[]>> = {
  Conv: [1],
  ConvTranspose: [1],
  Gemm: [1, 0],
  MatMul: [1, 0],
};

/** Products of a rank below 2 are scales, not weights. */
const MIN_RANK = 2;

/**
 * The layers with weights behind the scores: Conv, ConvTranspose, Gemm and MatMul with a constant operand, the last ones
 * first. Norms, biases and embeddings are none.
 */
export function weightedLayers(model: Model, shapes: Shapes, scores?: string): readonly string[] {
  return findLayers(model, shapes, scores).map(nameOf);
}

const nameOf = ({ node }: WeightedLayer): string => node.outputs[0] as string;

function findLayers(model: Model, shapes: Shapes, scores = firstOutput(model)): WeightedLayer[] {
  const constants = constantValues(model);
  const needed = new Set([scores]);
  const found: WeightedLayer[] = [];
  for (const node of [...model.graph.nodes].reverse()) {
    if (!node.outputs.some((name) => needed.has(name)) || node.outputs.every((name) => constants.has(name)))
      continue;
    for (const name of valuesReadBy(node)) needed.add(name);
    const input = (node.domain === "" ? (WEIGHT_INPUTS[node.opType] ?? []) : []).find((i) => {
      const name = node.inputs[i] ?? "";
      return constants.has(name) && (dimsOf(shapes, name)?.length ?? 0) >= MIN_RANK;
    });
    if (input !== undefined) found.push({ node, input });
  }
  return found;
}

const firstOutput = (model: Model): string => model.graph.outputs[0]?.name ?? "";

/** Initializers, and what is computed from nothing else (a transposed or dequantized weight). */
function constantValues({ graph }: Model): ReadonlySet<string> {
  const constants = new Set(graph.initializers.keys());
  for (const node of graph.nodes) {
    const read = valuesReadBy(node);
    if (node.opType === "Constant" || (read.length > 0 && read.every((name) => constants.has(name))))
      for (const name of node.outputs) constants.add(name);
  }
  return constants;
}

/**
 * Replaces the weights of the last `fromTop` weighted layers by normal numbers of mean 0 and the standard deviation that the
 * weights had; where those are not in memory (external data) or are computed (dequantized), of He's √(2 / fan-in).
 *
 * A layer has the same random weights whatever `fromTop` is. A weight that several layers share changes in the randomized
 * ones only.
 * @param shapes those of the model; half precision must have been raised (`describeModel` does)
 * @throws UsageError `bad-layer-count`
 */
export function randomizeWeights(
  model: Model,
  shapes: Shapes,
  { fromTop, seed, scores }: RandomizeOptions,
): RandomizedModel {
  if (!Number.isInteger(fromTop) || fromTop < 0)
    throw new UsageError("bad-layer-count", `expected a whole number of layers, got ${fromTop}.`);
  const layers = findLayers(model, shapes, scores).slice(0, fromTop);
  const b = createBuilder(model, shapes);
  const replaced = new Map<Node, Node>();
  layers.forEach(({ node, input }, place) => {
    const name = node.inputs[input] as string;
    const dims = dimsOf(shapes, name) as readonly number[];
    const deviation = deviationOf(b.initializer(name)) ?? Math.sqrt(2 / fanIn(node, input, dims));
    const weights = b.tensor(normalTensor(dims, deviation, seed, place), `random/${name}`);
    const inputs = node.inputs.map((old, i) => (i === input ? weights : old));
    replaced.set(node, { ...node, inputs });
  });
  const extended = b.build();
  const nodes = extended.graph.nodes.map((node) => replaced.get(node) ?? node);
  return {
    model: removeDead({ ...extended, graph: { ...extended.graph, nodes } }),
    shapes: b.shapes,
    layers: layers.map(nameOf),
  };
}

/** Standard deviation of weights in memory; undefined for others and for weights that are all the same. */
function deviationOf(tensor: Tensor | undefined): number | undefined {
  if (tensor === undefined || isExternal(tensor) || !isFloating(tensor.dataType)) return undefined;
  const values = tensorValues(tensor) as Float32Array;
  let [sum, squares] = [0, 0];
  for (const v of values) sum += v;
  const mean = sum / values.length;
  for (const v of values) squares += (v - mean) ** 2;
  return squares > 0 ? Math.sqrt(squares / values.length) : undefined;
}

function normalTensor(dims: readonly number[], deviation: number, seed: number, place: number): Tensor {
  const normal = normals(randomStream(seed, place));
  return floatTensor(
    dims,
    Float32Array.from({ length: elementCount(dims) }, () => deviation * normal()),
  );
}

/** How many inputs of the layer one output sums over. */
function fanIn(node: Node, input: number, dims: readonly number[]): number {
  const last = dims.length - 1;
  const right = input === 1;
  const summed = {
    // [out, in / groups, …kernel]
    Conv: () => elementCount(dims.slice(1)),
    // [in, out / groups, …kernel]; where kernels do not overlap
    ConvTranspose: () => dims[0],
    Gemm: () => dims[right === (attr.int(node, right ? "transB" : "transA", 0) === 1) ? 1 : 0],
    MatMul: () => dims[right ? last - 1 : last],
  }[node.opType];
  return summed?.() ?? 1;
}
