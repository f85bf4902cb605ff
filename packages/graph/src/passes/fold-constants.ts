// Replaces what shape inference already knows by constants: shape arithmetic, attention scales, folded conditions.
// No arithmetic happens here; contents come from `inferShapes`, which follows small values at two batch sizes.
import { attr, type Graph, type Model, type Node, withGraph } from "../model.ts";
import { addTensor, constantOf, type Shapes } from "../shapes/shapes.ts";
import { makeTensor, type Tensor } from "../tensor.ts";
import { freshName, valueNames } from "./rename.ts";

/**
 * Case 1: a node whose outputs' contents are known and equal at every probe → initializers of the same names.
 * Case 2: a Reshape whose shape follows the batch at one position only → a constant shape with -1 there.
 * Case 3: the same when the shape has a -1 already, and the position copies the input's dimension → 0 there.
 *
 * A node that makes a graph output stays. New constants are added to `shapes`.
 */
export function foldConstants(model: Model, shapes: Shapes): Model {
  const outputs = new Set(model.graph.outputs.map((v) => v.name));
  const folded = new Map<string, Tensor>();
  const nodes: Node[] = [];
  let names: Set<string> | undefined;
  let changed = false;
  const addConstant = (wish: string, tensor: Tensor): string => {
    names ??= valueNames(model.graph);
    const name = freshName(names, wish);
    folded.set(name, tensor);
    addTensor(shapes, name, tensor);
    return name;
  };
  for (const node of model.graph.nodes) {
    const tensors = node.outputs.some((name) => outputs.has(name)) ? undefined : knownOutputs(node, shapes);
    if (tensors !== undefined) {
      for (const [name, tensor] of tensors) folded.set(name, tensor);
      changed = true;
      continue;
    }
    const reshaped =
      node.opType === "Reshape" && node.domain === ""
        ? constantReshape(node, model.graph, shapes, addConstant)
        : node;
    changed ||= reshaped !== node;
    nodes.push(reshaped);
  }
  if (!changed) return model;
  return withGraph(model, { nodes, initializers: new Map([...model.graph.initializers, ...folded]) });
}

/** Tensors of all outputs of a node; undefined when one of them is not known. */
function knownOutputs(node: Node, shapes: Shapes): [string, Tensor][] | undefined {
  const tensors: [string, Tensor][] = [];
  for (const name of node.outputs) {
    if (name === "") continue;
    const value = constantOf(shapes, name);
    const types = shapes.probes.map((types) => types.get(name));
    const type = types[0];
    if (value === undefined || type === undefined) return undefined;
    if (types.some((t) => t?.dims.length !== type.dims.length || t.dims.some((d, i) => d !== type.dims[i])))
      return undefined;
    tensors.push([name, makeTensor(type.dataType, type.dims, value)]);
  }
  return tensors.length === 0 ? undefined : tensors;
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
