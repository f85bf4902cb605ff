// Which constants of an inference graph are what training changes: weights, biases, scales and shifts, embeddings, and the statistics
// that batch normalization keeps. Told by where they are read, as exporters rename and fold what the training code called them.
import {
  BATCH,
  dataTypeOf,
  dimsOf,
  elementCount,
  type GraphIndex,
  indexGraph,
  type Model,
  type Node,
  nodeTitle,
  type Shapes,
  tensorValues,
} from "@snellen/graph";

/** What a parameter does; weights alone are decayed by default. */
export type ParameterRole = "weight" | "bias" | "scale" | "shift" | "embedding";

export interface Parameter {
  /** The initializer. */
  readonly name: string;
  readonly dims: readonly number[];
  readonly role: ParameterRole;
  /** The node that reads it first. */
  readonly layer: Node;
}

/** Mean and variance that a BatchNormalization keeps for inference. */
export interface KeptStatistics {
  readonly node: Node;
  readonly mean: string;
  readonly variance: string;
  readonly channels: number;
}

export interface Trainable {
  readonly parameters: readonly Parameter[];
  readonly statistics: readonly KeptStatistics[];
  /** Constants that look learned and are not trained, and why. */
  readonly left: readonly { readonly name: string; readonly reason: string }[];
}

/** Roles of inputs by position. */
const READ: Readonly<Record<string, Readonly<Record<number, ParameterRole>>>> = {
  Conv: { 1: "weight", 2: "bias" },
  ConvTranspose: { 1: "weight", 2: "bias" },
  Gemm: { 0: "weight", 1: "weight", 2: "bias" },
  MatMul: { 0: "weight", 1: "weight" },
  BatchNormalization: { 1: "scale", 2: "shift" },
  InstanceNormalization: { 1: "scale", 2: "shift" },
  LayerNormalization: { 1: "scale", 2: "shift" },
  GroupNormalization: { 1: "scale", 2: "shift" },
  RMSNormalization: { 1: "scale" },
  PRelu: { 1: "scale" },
};

/** What a node's input is by its place alone. */
export const readAs = ({ opType }: Node, input: number): ParameterRole | undefined => READ[opType]?.[input];

/** Roles of the constant beside a value that weights have made already: before the first weights it is preprocessing. */
const BESIDE: Readonly<Record<string, ParameterRole>> = { Add: "shift", Mul: "scale" };

/** Operators that move constants about on their way to pictures, such as a class token's expansion over the batch. */
const MOVED = /^(Concat|Expand|Gather|Identity|Reshape|Slice|Squeeze|Tile|Transpose|Unsqueeze)$/;

/** An addend with numbers as low shuts positions out of an attention. */
const MASKING = -50;

/**
 * Finds them in a canonical graph, in the order in which the graph reads them.
 * @param outputs only what influences one of these values counts
 */
export function findTrainable(model: Model, shapes: Shapes, ...outputs: readonly string[]): Trainable {
  const { nodes, initializers } = model.graph;
  const index = indexGraph(model);
  const live = ancestors(nodes, outputs);
  const parameters = new Map<string, Parameter>();
  const left = new Map<string, string>();
  const statistics: KeptStatistics[] = [];
  const learned = new Set<string>();
  for (const node of nodes) {
    if (!live.has(node) || node.domain !== "") continue;
    for (const [i, name] of node.inputs.entries()) {
      const role = initializers.has(name) ? roleOf(index, shapes, node, i, learned) : undefined;
      if (role === undefined || parameters.has(name)) continue;
      const dims = initializers.get(name)?.dims ?? [];
      const reason = reasonAgainst(model, shapes, name, node, index);
      if (reason === undefined) parameters.set(name, { name, dims, role, layer: node });
      else left.set(name, reason);
    }
    if (node.inputs.some((name) => learned.has(name) || parameters.has(name)))
      for (const name of node.outputs) learned.add(name);
    if (node.opType === "BatchNormalization") statistics.push(...keptBy(node, initializers));
  }
  return {
    parameters: [...parameters.values()],
    statistics,
    left: [...left].map(([name, reason]) => ({ name, reason })),
  };
}

function roleOf(
  index: GraphIndex,
  shapes: Shapes,
  node: Node,
  input: number,
  learned: ReadonlySet<string>,
): ParameterRole | undefined {
  const fixed = readAs(node, input);
  if (fixed !== undefined) return fixed;
  const besideLearned = node.inputs.some((name, i) => i !== input && learned.has(name));
  const beside = BESIDE[node.opType];
  if (beside !== undefined) return besideLearned ? beside : undefined;
  if (!MOVED.test(node.opType) || (node.opType !== "Concat" && input !== 0)) return undefined;
  return rolesAfter(index, shapes, node).find((role) => role === "weight") ?? "embedding";
}

/** Roles of what a node makes, such as the transpose of a weight; what follows the batch, such as tokens, is no weight. */
const rolesAfter = (index: GraphIndex, shapes: Shapes, node: Node): ParameterRole[] =>
  node.outputs
    .filter((name) => !dimsOf(shapes, name)?.includes(BATCH))
    .flatMap((name) =>
      index.readers(name).flatMap((reader) => {
        if (MOVED.test(reader.opType)) return rolesAfter(index, shapes, reader);
        return readAs(reader, reader.inputs.indexOf(name)) ?? [];
      }),
    );

/** Why a constant is none after all; undefined where it is one. */
function reasonAgainst(
  model: Model,
  shapes: Shapes,
  name: string,
  node: Node,
  index: GraphIndex,
): string | undefined {
  if (dataTypeOf(shapes, name) !== "float32") return `it holds ${dataTypeOf(shapes, name)}`;
  const tensor = model.graph.initializers.get(name);
  const isSized = elementCount(tensor?.dims ?? []) > 1;
  if (!isSized && (BESIDE[node.opType] !== undefined || MOVED.test(node.opType)))
    return "it is one number, a constant of the formula";
  const values = tensor?.data instanceof Uint8Array ? (tensorValues(tensor) as Float32Array) : undefined;
  if (node.opType === "Add" && values?.some((value) => value <= MASKING)) return "it masks an attention";
  const isInner =
    node.opType === "InstanceNormalization" && index.producer(node.inputs[0] ?? "")?.opType === "Reshape";
  if (isInner && values?.every((value) => value === values[0]) === true)
    return "it is a constant of a group normalization that is written out";
  return undefined;
}

function keptBy(node: Node, initializers: Model["graph"]["initializers"]): KeptStatistics[] {
  const [, , , mean = "", variance = ""] = node.inputs;
  const channels = initializers.get(mean)?.dims[0];
  if (channels === undefined || !initializers.has(variance)) return [];
  return [{ node, mean, variance, channels }];
}

function ancestors(nodes: readonly Node[], outputs: readonly string[]): Set<Node> {
  const wanted = new Set(outputs);
  const live = new Set<Node>();
  for (const node of [...nodes].reverse()) {
    if (!node.outputs.some((name) => wanted.has(name))) continue;
    live.add(node);
    for (const name of node.inputs) wanted.add(name);
  }
  return live;
}

/** The layer's name, as messages give it. */
export const layerName = ({ layer }: Pick<Parameter, "layer">): string => nodeTitle(layer);
