// Replaces what shape inference already knows by constants: shape arithmetic, attention scales, folded conditions.
// No arithmetic happens here; contents come from `inferShapes`, which follows small values at two batch sizes.
import { InternalError } from "../errors.ts";
import { attr, type Graph, type Model, type Node, valuesReadBy, withGraph } from "../model.ts";
import { addTensor, constantOf, type Shapes } from "../shapes/shapes.ts";
import { makeTensor, type Tensor } from "../tensor.ts";
import { freshName, valueNames } from "./rename.ts";

/**
 * Case 1: a node whose outputs' contents are known and equal at every probe → initializers of the same names, and the nodes
 *         that only it needed go.
 * Case 2: a Reshape whose shape follows the batch at one position only → a constant shape with -1 there.
 * Case 3: the same when the shape has a -1 already, and the position copies the input's dimension → 0 there.
 *
 * A node that makes a graph output stays, and so does Identity: what it copies keeps its own name and bytes
 * (`removeIdentities`). New constants are added to `shapes`.
 */
export function foldConstants(model: Model, shapes: Shapes): Model {
  const { kept, folded } = liveNodes(model.graph, shapes);
  const made = new Map<string, Tensor>();
  for (const name of folded) made.set(name, knownTensor(shapes, name));
  const nodes = constantReshapes(kept, model.graph, shapes, made);
  if (made.size === 0 && nodes.length === model.graph.nodes.length) return model;
  return withGraph(model, { nodes, initializers: new Map([...model.graph.initializers, ...made]) });
}

/**
 * Nodes that have to run, and the known values that they read. From the outputs backwards, so that contents are looked at
 * only where the known meets the unknown: whole trees of shape arithmetic go without a question.
 */
function liveNodes(graph: Graph, shapes: Shapes): { kept: Node[]; folded: Set<string> } {
  const outputs = new Set(graph.outputs.map((v) => v.name));
  const live = new Set(outputs);
  const folded = new Set<string>();
  const kept: Node[] = [];
  for (let i = graph.nodes.length - 1; i >= 0; i--) {
    const node = graph.nodes[i] as Node;
    const read = node.outputs.filter((name) => live.has(name));
    if (read.length === 0) continue;
    const known = read.every((name) => !outputs.has(name) && isConstant(shapes, name));
    if (known && node.opType !== "Identity") {
      for (const name of read) folded.add(name);
      continue;
    }
    kept.push(node);
    for (const name of valuesReadBy(node)) live.add(name);
  }
  return { kept: kept.reverse(), folded };
}

/** Whether a value's type and contents are the same at every probe. */
function isConstant(shapes: Shapes, name: string): boolean {
  const [first, ...others] = shapes.probes;
  const type = first?.get(name);
  if (type?.value === undefined || constantOf(shapes, name) === undefined) return false;
  return others.every((types) => sameDims(types.get(name)?.dims, type.dims));
}

const sameDims = (a: readonly number[] | undefined, b: readonly number[]): boolean =>
  a?.length === b.length && a.every((d, i) => d === b[i]);

function knownTensor(shapes: Shapes, name: string): Tensor {
  const type = shapes.probes[0]?.get(name);
  if (type?.value === undefined) throw new InternalError(`the contents of "${name}" are not known`);
  return makeTensor(type.dataType, type.dims, type.value);
}

/** Cases 2 and 3; new constants go to `made` and to `shapes`. */
function constantReshapes(
  nodes: readonly Node[],
  graph: Graph,
  shapes: Shapes,
  made: Map<string, Tensor>,
): readonly Node[] {
  let taken: Set<string> | undefined;
  const addConstant = (wish: string, tensor: Tensor): string => {
    taken ??= valueNames(graph);
    const name = freshName(taken, wish);
    made.set(name, tensor);
    addTensor(shapes, name, tensor);
    return name;
  };
  return nodes.map((node) =>
    node.opType === "Reshape" && node.domain === "" && !made.has(node.inputs[1] ?? "")
      ? constantReshape(node, graph, shapes, addConstant)
      : node,
  );
}

function constantReshape(
  node: Node,
  graph: Graph,
  shapes: Shapes,
  addConstant: (wish: string, tensor: Tensor) => string,
): Node {
  const [x = "", shape = ""] = node.inputs;
  if (graph.initializers.has(shape) || shapes.probes.length < 2) return node;
  const values = shapes.probes.map((types) => types.get(shape)?.value);
  const inputs = shapes.probes.map((types) => types.get(x)?.dims);
  const constant = batchFreeShape(values, inputs, attr.int(node, "allowzero", 0) === 1);
  if (constant === undefined) return node;
  const name = addConstant(`${node.outputs[0]}/shape`, makeTensor("int64", [constant.length], constant));
  const { allowzero: _, ...attributes } = node.attributes;
  return { ...node, inputs: [x, name], attributes };
}

/** A shape argument without the batch that gives the same result at every probe. */
export function batchFreeShape(
  values: readonly (readonly number[] | undefined)[],
  inputs: readonly (readonly number[] | undefined)[],
  allowZero: boolean,
): readonly number[] | undefined {
  const [first, ...others] = values;
  if (first === undefined || others.some((o) => o?.length !== first.length)) return undefined;
  const moving = first.flatMap((v, i) => (others.every((o) => o?.[i] === v) ? [] : [i]));
  const [at, more] = moving;
  if (at === undefined || more !== undefined) return undefined;
  const fixed = first.filter((_, i) => i !== at);
  if (allowZero && fixed.includes(0)) return undefined;
  if (!fixed.includes(-1)) return first.map((v, i) => (i === at ? -1 : v));
  const copies = values.every((v, probe) => inputs[probe]?.[at] === v?.[at]);
  return copies ? first.map((v, i) => (i === at ? 0 : v)) : undefined;
}
