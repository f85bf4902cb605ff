// One forward walk over a graph that gives every value its type at one probe. A value of an operator without a shape function
// stays unknown here; `trace-shapes.ts` finds it by running the model.
import { type Graph, type Model, type Node, subgraphsOf } from "../model.ts";
import { SHAPE_FUNCTIONS } from "./functions/index.ts";
import { type InferSubgraph, typeOfTensor, type ValueType } from "./value-type.ts";

export { typeOfTensor };

/** Looked up by strings fresh from a file, for which a Map is much faster than a record. */
const functions = new Map(Object.entries(SHAPE_FUNCTIONS));

const noSubgraph = (): readonly undefined[] => [];

/** Types of one node's outputs from those of its inputs. */
export function inferNode(
  node: Node,
  inputs: readonly (ValueType | undefined)[],
  opset: number,
  inferSubgraph: InferSubgraph = noSubgraph,
): readonly (ValueType | undefined)[] {
  const infer = functions.get(node.domain === "" ? node.opType : `${node.domain}::${node.opType}`);
  return infer?.({ node, inputs, opset, inferSubgraph }) ?? [];
}

/**
 * Types of every value of the graph.
 * @param inputs types of the graph inputs at this probe, by name
 * @param earlier types at another probe: what does not follow the inputs is taken from there
 */
export function inferGraph(
  model: Model,
  inputs: ReadonlyMap<string, ValueType>,
  earlier?: ReadonlyMap<string, ValueType>,
): Map<string, ValueType> {
  const types = new Map<string, ValueType>(inputs);
  for (const [name, tensor] of model.graph.initializers)
    types.set(name, earlier?.get(name) ?? typeOfTensor(tensor));
  inferNodes(model.graph, model.opsets, types, earlier);
  return types;
}

/** Types of all values that a sub-graph sees: those around it, its inputs' and those of its own nodes. */
export function inferInside(
  graph: Graph,
  opsets: ReadonlyMap<string, number>,
  around: ReadonlyMap<string, ValueType>,
  inputs: readonly ValueType[],
): Map<string, ValueType> {
  const types = new Map(around);
  graph.inputs.forEach(({ name }, i) => {
    const type = inputs[i];
    if (type !== undefined) types.set(name, type);
  });
  for (const [name, tensor] of graph.initializers) types.set(name, typeOfTensor(tensor));
  inferNodes(graph, opsets, types);
  return types;
}

/** How a node among these values learns the types of its sub-graphs' outputs. */
export const subgraphInference =
  (around: ReadonlyMap<string, ValueType>, opsets: ReadonlyMap<string, number>): InferSubgraph =>
  (graph, inputs = []) => {
    const types = inferInside(graph, opsets, around, inputs);
    return graph.outputs.map(({ name }) => types.get(name));
  };

/** Adds the types of a graph's nodes to `types`, which holds those of its inputs and constants. */
export function inferNodes(
  graph: Graph,
  opsets: ReadonlyMap<string, number>,
  types: Map<string, ValueType>,
  earlier?: ReadonlyMap<string, ValueType>,
): void {
  const inferSubgraph = subgraphInference(types, opsets);
  for (const node of graph.nodes) {
    const inputs = node.inputs.map((name) => types.get(name));
    const unchanged =
      earlier !== undefined &&
      inputs.every((type, i) => type === earlier.get(node.inputs[i] as string)) &&
      subgraphsOf(node).length === 0;
    const known = unchanged
      ? node.outputs.map((name) => earlier.get(name))
      : inferNode(node, inputs, opsets.get(node.domain) ?? 1, inferSubgraph);
    node.outputs.forEach((name, i) => {
      const type = known[i];
      if (name !== "" && type !== undefined) types.set(name, type);
    });
  }
}
