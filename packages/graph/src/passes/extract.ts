// Parts of a model as models of their own: from the inputs to some values, from some values to the outputs, or with more outputs.

import { closest } from "../did-you-mean.ts";
import { ModelError, UsageError } from "../errors.ts";
import {
  attr,
  type DeclaredDim,
  type Model,
  makeNode,
  type Node,
  type ValueInfo,
  valuesReadBy,
  withGraph,
} from "../model.ts";
import { BATCH, batchAxisOf, dataTypeOf, dimsOf, type Shapes } from "../shapes/shapes.ts";
import { createEmitter, withEmitted } from "./emitter.ts";
import { removeDead } from "./remove-dead.ts";
import { freshName, valueNames } from "./rename.ts";

const DEFAULT_BATCH_SYMBOL = "batch";

/** The model's name for its batch size. */
const batchSymbolOf = (model: Model): string => {
  const symbol = model.graph.inputs.map((v) => v.dims?.[0]).find((d) => typeof d === "string");
  return typeof symbol === "string" ? symbol : DEFAULT_BATCH_SYMBOL;
};

/** Declares a value by what is known of it; dimensions that are multiples of the batch stay open. */
function declare(model: Model, name: string, shapes: Shapes | undefined): ValueInfo {
  const known = [...model.graph.inputs, ...model.graph.outputs].find((v) => v.name === name);
  const dims = shapes && dimsOf(shapes, name);
  if (shapes === undefined || dims === undefined)
    return known ?? { name, dataType: undefined, dims: undefined };
  const isBatch = (axis: number): boolean =>
    shapes.probes.every((types, i) => types.get(name)?.dims[axis] === shapes.batches[i]);
  const declared = dims.map((d, axis): DeclaredDim => {
    if (d !== BATCH) return d;
    return isBatch(axis) ? batchSymbolOf(model) : undefined;
  });
  return { name, dataType: dataTypeOf(shapes, name), dims: declared };
}

function requireValues(model: Model, names: readonly string[]): void {
  const known = valueNames(model.graph);
  for (const name of names) {
    if (known.has(name)) continue;
    const near = closest(name, [...known]);
    throw new UsageError("unknown-value", `the model has no value "${name}".`, {
      hint: near === "" ? "It computes nothing." : `Did you mean "${near}"?`,
    });
  }
}

/**
 * The model from its inputs to the given values, which become its outputs, in that order.
 * @param shapes declares the outputs' types when given
 * @throws UsageError `unknown-value`
 */
export function takeHead(model: Model, values: readonly string[], shapes?: Shapes): Model {
  requireValues(model, values);
  const outputs = values.map((name) => declare(model, name, shapes));
  return removeDead(withGraph(model, { outputs }));
}

/**
 * The model with further outputs behind its own.
 * @throws UsageError `unknown-value`
 */
export function addOutputs(model: Model, values: readonly string[], shapes?: Shapes): Model {
  requireValues(model, values);
  const present = new Set(model.graph.outputs.map((v) => v.name));
  const added = [...new Set(values)].filter((name) => !present.has(name));
  if (added.length === 0) return model;
  const outputs = [...model.graph.outputs, ...added.map((name) => declare(model, name, shapes))];
  return withGraph(model, { outputs });
}

/**
 * The model from the given values to its outputs.
 *
 * Case 1: the values become the graph inputs, in that order, typed from `shapes`.
 * Case 2: an original input that still reaches the outputs past these values stays an input, behind them.
 * Case 3: a Shape that looks at what was cut off → the same numbers from the batch size of the first of the values.
 *
 * @param outputs values that the tail ends at; default: the model's outputs
 * @throws UsageError `unknown-value`; ModelError `untyped-value` when the shape of a value is not known
 */
export function takeTail(
  model: Model,
  shapes: Shapes,
  values: readonly string[],
  outputs: readonly string[] = model.graph.outputs.map((v) => v.name),
): Model {
  requireValues(model, [...values, ...outputs]);
  const inputs = values.map((name) => {
    const info = declare(model, name, shapes);
    if (info.dims !== undefined && info.dataType !== undefined) return info;
    throw new ModelError("untyped-value", `the shape of "${name}" is not known, so nothing can start there.`);
  });
  const cut = new Set(values);
  const rest = model.graph.inputs.filter((v) => !cut.has(v.name));
  const taken = valueNames(model.graph);
  const tail = withGraph(model, {
    inputs: [...inputs, ...rest],
    outputs: outputs.map((name) => declare(model, name, shapes)),
    nodes: model.graph.nodes.map((node) => withoutOutputs(node, cut, taken)),
  });
  const pruned = withReadInputs(removeDead(tail), cut);
  if (pruned.graph.inputs.length === inputs.length) return pruned;
  return withReadInputs(removeDead(withoutForeignShapes(pruned, shapes, values[0] ?? "")), cut);
}

/** A node that made some of what are inputs now: those outputs get names that nobody reads. */
const withoutOutputs = (node: Node, cut: ReadonlySet<string>, taken: Set<string>): Node =>
  node.outputs.some((name) => cut.has(name))
    ? {
        ...node,
        outputs: node.outputs.map((name) => (cut.has(name) ? freshName(taken, `${name}/cut`) : name)),
      }
    : node;

/** Drops inputs that nothing reads, except those that the tail starts at. */
function withReadInputs(model: Model, keep: ReadonlySet<string>): Model {
  const { inputs, nodes, outputs } = model.graph;
  const read = new Set([...nodes.flatMap(valuesReadBy), ...outputs.map((v) => v.name)]);
  return withGraph(model, { inputs: inputs.filter((v) => keep.has(v.name) || read.has(v.name)) });
}

/** Case 3: shapes of values that do not depend on the tail's inputs, told by the batch size of one that is. */
function withoutForeignShapes(model: Model, shapes: Shapes, from: string): Model {
  const batchAxis = batchAxisOf(shapes, from);
  if (batchAxis === undefined) return model;
  const emitter = createEmitter(model);
  const nodes = model.graph.nodes.flatMap((node) => {
    if (node.opType !== "Shape" || node.domain !== "" || node.inputs[0] === from) return [node];
    const dims = shapeSlice(node, shapes);
    if (dims === undefined || dims.filter((d) => d === BATCH).length !== 1) return [node];
    emitter.at(node.outputs[0] ?? "");
    const batch = emitter.op("Shape", [from], { start: batchAxis, end: batchAxis + 1 });
    const parts = dims.map((d) => (d === BATCH ? batch : emitter.ints([d])));
    return [
      ...emitter.drain(),
      makeNode("Concat", parts, node.outputs, { name: node.name, attributes: { axis: 0 } }),
    ];
  });
  return withGraph(model, { nodes, initializers: withEmitted(model, emitter) });
}

/** What a Shape node gives, if all that varies in it is the batch. */
function shapeSlice(node: Node, shapes: Shapes): readonly number[] | undefined {
  const name = node.inputs[0] ?? "";
  if (batchAxisOf(shapes, name) === undefined) return undefined;
  const end = attr.has(node, "end") ? attr.int(node, "end") : undefined;
  return dimsOf(shapes, name)?.slice(attr.int(node, "start", 0), end);
}
