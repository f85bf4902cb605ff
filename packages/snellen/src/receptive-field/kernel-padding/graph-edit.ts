// A graph while its kernels are padded: who makes and who reads each value, and the changes so far.
import {
  attr,
  freshName,
  type Graph,
  type Model,
  type Node,
  subgraphsOf,
  type Tensor,
  type ValueInfo,
  valueNames,
  valuesReadBy,
  withGraph,
} from "@snellen/graph";

export interface GraphEdit {
  readonly model: Model;
  readonly initializers: Map<string, Tensor>;
  /** The nodes as they are now, by their place in the original graph. */
  readonly nodes: Node[];
  /** New nodes that go in front of the node at this place. */
  readonly before: Map<number, Node[]>;
  /** Values that kept their name and changed their size. */
  readonly resized: Set<string>;
  /** Place of the node that makes a value. */
  placeOf(value: string): number | undefined;
  /** How often a value is read, by sub-graphs and as an output of the model too. */
  uses(value: string): number;
  freshName(wish: string): string;
  /** The tensor of an initializer or a Constant node, also behind Identity; undefined for computed values. */
  constant(value: string): Tensor | undefined;
}

export function createGraphEdit(model: Model): GraphEdit {
  const { graph } = model;
  const places = new Map(graph.nodes.flatMap((node, i) => node.outputs.map((name) => [name, i] as const)));
  const uses = new Map<string, number>();
  const used = [...graph.nodes.flatMap(valuesReadBy), ...graph.outputs.map((v) => v.name)];
  for (const name of used) uses.set(name, (uses.get(name) ?? 0) + 1);
  const taken = valueNames(graph);
  for (const name of nodeNames(graph.nodes)) taken.add(name);
  const initializers = new Map(graph.initializers);
  const constant = (value: string): Tensor | undefined => {
    const node = graph.nodes[places.get(value) ?? -1];
    if (node?.opType === "Identity" && node.domain === "") return constant(node.inputs[0] as string);
    return graph.initializers.get(value) ?? constantOfNode(node);
  };
  return {
    model,
    initializers,
    nodes: [...graph.nodes],
    before: new Map(),
    resized: new Set(),
    placeOf: (value) => places.get(value),
    uses: (value) => uses.get(value) ?? 0,
    freshName: (wish) => freshName(taken, wish),
    constant,
  };
}

const nodeNames = (nodes: readonly Node[]): string[] =>
  nodes.flatMap((n) => [n.name, ...subgraphsOf(n).flatMap((g) => nodeNames(g.nodes))]);

/** The tensor of a Constant node that holds one as `value`, as weights do. */
export const constantOfNode = (node: Node | undefined): Tensor | undefined =>
  node?.opType === "Constant" && node.domain === "" && node.attributes.value?.type === "tensor"
    ? attr.tensor(node, "value")
    : undefined;

/** The model with all changes; initializers that lost their last reader through them are gone. */
export function finishGraphEdit(edit: GraphEdit): Model {
  const { model, initializers, resized } = edit;
  const { graph } = model;
  const nodes = edit.nodes.flatMap((node, i) => [...(edit.before.get(i) ?? []), node]);
  const read = new Set([...nodes.flatMap(valuesReadBy), ...graph.outputs.map((v) => v.name)]);
  const kept = new Map([...initializers].filter(([name]) => read.has(name) || edit.uses(name) === 0));
  const resize = (info: ValueInfo): ValueInfo => {
    const tensor = resized.has(info.name) ? kept.get(info.name) : undefined;
    return tensor === undefined ? info : { ...info, dims: tensor.dims };
  };
  return withGraph(model, {
    nodes,
    initializers: kept,
    inputs: [...graph.inputs.filter((v) => isKept(graph, kept, v)).map(resize), ...newInputs(edit, kept)],
    valueInfo: graph.valueInfo.filter((v) => !resized.has(v.name)),
  });
}

const isKept = (graph: Graph, kept: ReadonlyMap<string, Tensor>, { name }: ValueInfo): boolean =>
  !graph.initializers.has(name) || kept.has(name);

/** Before IR version 4 every initializer is listed as an input. */
function newInputs({ model }: GraphEdit, kept: ReadonlyMap<string, Tensor>): ValueInfo[] {
  if (model.irVersion >= 4) return [];
  return [...kept]
    .filter(([name]) => !model.graph.initializers.has(name))
    .map(([name, { dataType, dims }]) => ({ name, dataType, dims }));
}
