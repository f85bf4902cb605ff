// One forward walk over a graph that gives every value its type at one probe. A value of an operator without a shape function
// stays unknown here; `trace-shapes.ts` finds it by running the model.
import type { Graph, Model, Node } from "../model.ts";
import { isExternal, type Tensor, tensorNumbers } from "../tensor.ts";
import { SHAPE_FUNCTIONS } from "./functions/index.ts";
import { MAX_KNOWN_ELEMENTS, type ValueType } from "./value-type.ts";

/** Types of one node's outputs from those of its inputs. */
export function inferNode(
  node: Node,
  inputs: readonly (ValueType | undefined)[],
  opset: number,
): readonly (ValueType | undefined)[] {
  const infer = SHAPE_FUNCTIONS[node.domain === "" ? node.opType : `${node.domain}::${node.opType}`];
  return infer?.({ node, inputs, opset }) ?? [];
}

/** Type of a constant, with its contents when they are small. */
export function typeOfTensor(tensor: Tensor): ValueType {
  const { dataType, dims } = tensor;
  const count = dims.reduce((n, d) => n * d, 1);
  const readable = count <= MAX_KNOWN_ELEMENTS && !isExternal(tensor) && READABLE.has(dataType);
  return readable ? { dataType, dims, value: tensorNumbers(tensor) } : { dataType, dims };
}

const READABLE = new Set([
  "float32",
  "float64",
  "int64",
  "int32",
  "bool",
  "uint8",
  "int8",
  "float16",
  "bfloat16",
]);

/**
 * Types of every value of the graph.
 * @param inputs types of the graph inputs at this probe, by name
 */
export function inferGraph(model: Model, inputs: ReadonlyMap<string, ValueType>): Map<string, ValueType> {
  const types = new Map<string, ValueType>(inputs);
  for (const [name, tensor] of model.graph.initializers) types.set(name, typeOfTensor(tensor));
  inferNodes(model.graph, model.opsets, types);
  return types;
}

/** Adds the types of a graph's nodes to `types`, which holds those of its inputs and constants. */
export function inferNodes(
  graph: Graph,
  opsets: ReadonlyMap<string, number>,
  types: Map<string, ValueType>,
): void {
  for (const node of graph.nodes) {
    const known = inferNode(
      node,
      node.inputs.map((name) => types.get(name)),
      opsets.get(node.domain) ?? 1,
    );
    node.outputs.forEach((name, i) => {
      const type = known[i];
      if (name !== "" && type !== undefined) types.set(name, type);
    });
  }
}
