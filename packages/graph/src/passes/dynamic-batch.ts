// Frees a model's batch axis from the size it was exported with, where shape inference can prove that every value follows.
// Derived here: types at the exported batch tell what the author meant, types at batches 2 and 3 tell what would happen.
import { SnellenError } from "../errors.ts";
import {
  attr,
  type DeclaredDim,
  describeNode,
  type Model,
  type Node,
  opsetOf,
  type ValueInfo,
  withGraph,
} from "../model.ts";
import { inferNode } from "../shapes/infer.ts";
import { inferShapes, type ShapeOptions } from "../shapes/shapes.ts";
import { typeOfTensor, type ValueType } from "../shapes/value-type.ts";
import { createEmitter, type Emitter, withEmitted } from "./emitter.ts";

/**
 * What `makeBatchDynamic` gives: the model with an open batch (`changed` is false where it was open before), or why it
 * cannot have one.
 */
export type DynamicBatch =
  | { readonly model: Model; readonly changed: boolean }
  | { readonly refused: string };

const SYMBOL = "batch";
const PROBES = [2, 3] as const;

type Types = Map<string, ValueType>;

/** Types at the exported batch and at the probes, filled in as the walk goes on. */
interface Walk {
  readonly exported: number;
  readonly reference: Types;
  readonly probes: readonly Types[];
  readonly emitter: Emitter;
  readonly opset: number;
  readonly opsets: ReadonlyMap<string, number>;
}

/**
 * Case 1: the batch is symbolic already → unchanged.
 * Case 2: Reshape to a constant shape in which the exported batch is written → that entry becomes -1 or 0.
 * Case 3: a constant of the exported batch size that meets the batch in a Concat, or is a recurrent layer's initial state →
 *         expanded to the batch.
 * Case 4: Resize to constant sizes, Expand to a constant shape of a value that follows the batch → the batch from the value.
 *
 * Every value must then have the exported dimensions, or those with one of them grown with the batch; every output must grow.
 *
 * @param model canonical
 * @returns the model with a symbolic batch in its inputs and outputs, or why it cannot have one
 */
export function makeBatchDynamic(model: Model, options: ShapeOptions = {}): DynamicBatch {
  const inputs = model.graph.inputs;
  const exported = inputs.find((v) => (v.dims?.length ?? 0) > 0)?.dims?.[0];
  if (typeof exported !== "number") return { model, changed: false };
  const walk = startWalk(model, exported, options);
  const nodes: Node[] = [];
  for (const node of model.graph.nodes) {
    const result = walkNode(node, walk);
    if (typeof result === "string") return { refused: `${describeNode(node)}: ${result}` };
    nodes.push(...result);
  }
  const still = model.graph.outputs.find(({ name }) => grownAxis(walk, name) === undefined);
  if (still !== undefined) return { refused: `output "${still.name}" does not follow the batch` };
  const graph = { ...model.graph, nodes };
  const dynamic = withGraph(model, {
    inputs: inputs.map((v) =>
      isBatched(v, exported) ? { ...v, dims: withSymbol(v.dims, 0), source: undefined } : v,
    ),
    outputs: model.graph.outputs.map((v) => declareOutput(v, walk)),
    nodes,
    valueInfo: [],
    initializers: withEmitted({ ...model, graph }, walk.emitter),
  });
  return { model: dynamic, changed: true };
}

const isBatched = (info: ValueInfo, exported: number): boolean => info.dims?.[0] === exported;

const withSymbol = (dims: readonly DeclaredDim[] | undefined, axis: number): DeclaredDim[] | undefined =>
  dims?.map((d, i) => (i === axis ? SYMBOL : d));

/** An output's dimensions with the symbol where it is the batch itself, open where it is a multiple. */
function declareOutput(info: ValueInfo, walk: Walk): ValueInfo {
  const axis = grownAxis(walk, info.name);
  const dims = walk.reference.get(info.name)?.dims ?? [];
  const declared = dims.map((d, i): DeclaredDim => {
    if (i !== axis) return d;
    return d === walk.exported ? SYMBOL : undefined;
  });
  return { name: info.name, dataType: info.dataType, dims: declared };
}

function startWalk(model: Model, exported: number, options: ShapeOptions): Walk {
  const reference = inferShapes(model, options).probes[0] as Types;
  const constants = [...model.graph.initializers].map(([name, t]): [string, ValueType] => [
    name,
    typeOfTensor(t),
  ]);
  const probes = PROBES.map((batch): Types => {
    const types = new Map(constants);
    for (const info of model.graph.inputs) {
      const type = reference.get(info.name);
      if (type === undefined) continue;
      const dims = isBatched(info, exported) ? [batch, ...type.dims.slice(1)] : type.dims;
      types.set(info.name, { dataType: type.dataType, dims });
    }
    return types;
  });
  return {
    exported,
    reference,
    probes,
    emitter: createEmitter(model),
    opset: opsetOf(model),
    opsets: model.opsets,
  };
}

/** The nodes that stand for a node when the batch may vary, or why there are none. */
function walkNode(node: Node, walk: Walk): Node[] | string {
  const repaired = REPAIRS[node.opType]?.(node, walk) ?? node;
  const nodes = [...walk.emitter.drain(), repaired];
  try {
    for (const n of nodes) record(n, walk);
  } catch (error) {
    if (!(error instanceof SnellenError)) throw error;
    return `it would not fit another batch size (${error.message})`;
  }
  for (const name of node.outputs) {
    const problem = name === "" ? undefined : violation(walk, name);
    if (problem !== undefined) return problem;
  }
  const across = ALONG_AXIS[node.opType]?.(node);
  if (across === undefined) return nodes;
  const rank = walk.reference.get(node.inputs[0] ?? "")?.dims.length ?? 0;
  const mixes = grownAxis(walk, node.inputs[0] ?? "") === (across < 0 ? across + rank : across);
  return mixes ? "it works along the batch axis" : nodes;
}

/** Operators that mix entries along an axis and keep its size, so that dimensions alone would not tell. */
const ALONG_AXIS: Readonly<Record<string, (node: Node) => number>> = Object.fromEntries(
  ["Softmax", "LogSoftmax", "Hardmax", "LpNormalization"].map((op) => [
    op,
    (n: Node) => attr.int(n, "axis", -1),
  ]),
);

function record(node: Node, walk: Walk): void {
  for (const types of [walk.reference, ...walk.probes]) {
    for (const name of node.inputs) {
      const constant = types.has(name) ? undefined : walk.emitter.initializers.get(name);
      if (constant !== undefined) types.set(name, typeOfTensor(constant));
    }
    const known = inferNode(
      node,
      node.inputs.map((name) => types.get(name)),
      walk.opsets.get(node.domain) ?? walk.opset,
    );
    node.outputs.forEach((name, i) => {
      const type = known[i];
      if (name !== "" && type !== undefined) types.set(name, type);
    });
  }
}

/** Why the dimensions of a value are not the exported ones with at most one of them grown; undefined when they are. */
function violation(walk: Walk, name: string): string | undefined {
  const exported = walk.reference.get(name)?.dims;
  const types = walk.probes.map((p) => p.get(name));
  if (exported === undefined || types.includes(undefined)) return `the shape of "${name}" is not known`;
  const grown = types.map((t) => changedAxes(exported, t?.dims ?? []));
  const shown = (dims: readonly number[]): string => `[${dims.join(", ")}]`;
  const wrong = grown.some((axes, i) => {
    const [axis, more] = axes ?? [];
    if (axes === undefined || more !== undefined || axis !== grown[0]?.[0]) return true;
    if (axis === undefined) return false;
    return (
      (types[i]?.dims[axis] as number) * walk.exported !== (exported[axis] as number) * (PROBES[i] as number)
    );
  });
  if (!wrong) return undefined;
  return `at batch ${walk.exported} it gives ${shown(exported)}, at batch ${PROBES[0]} ${shown(types[0]?.dims ?? [])}`;
}

const changedAxes = (a: readonly number[], b: readonly number[]): number[] | undefined =>
  a.length === b.length ? a.flatMap((d, i) => (d === b[i] ? [] : [i])) : undefined;

/** The axis of a value that grows with the batch; undefined when none does. */
function grownAxis(walk: Walk, name: string): number | undefined {
  const exported = walk.reference.get(name)?.dims;
  const dims = walk.probes.map((p) => p.get(name)?.dims);
  const axis = exported?.findIndex((d, i) => dims.some((probe) => probe?.[i] !== d)) ?? -1;
  return axis < 0 ? undefined : axis;
}

/** Gives the node that fits any batch, emitting what it needs before; undefined when the node is fine as it is. */
type Repair = (node: Node, walk: Walk) => Node | undefined;

const isConstant = (walk: Walk, name: string): boolean => walk.reference.get(name)?.value !== undefined;

/** Case 2. The batch's place in the result is where as many elements stand before it as in the input. */
const repairReshape: Repair = (node, walk) => {
  const [x = "", shape = ""] = node.inputs;
  const axis = grownAxis(walk, x);
  const [from, to] = [walk.reference.get(x)?.dims, walk.reference.get(node.outputs[0] ?? "")?.dims];
  const written = walk.reference.get(shape)?.value;
  if (axis === undefined || from === undefined || to === undefined || written === undefined) return undefined;
  const before = from.slice(0, axis).reduce((n, d) => n * d, 1);
  const place = to.findIndex(
    (d, i) => to.slice(0, i).reduce((n, e) => n * e, 1) === before && d % walk.exported === 0,
  );
  if (place < 0 || (written[place] ?? 0) <= 0) return undefined;
  const fixed = to.map((d, i) => (i === place ? -1 : d));
  if (fixed.includes(0)) return undefined;
  const { allowzero: _, ...attributes } = node.attributes;
  return { ...node, inputs: [x, walk.emitter.ints(fixed)], attributes };
};

/** [batch of `like`, …] as a shape: `dims` with the entry at `place` taken from the axis of `like` that grows. */
function shapeWithBatch(walk: Walk, like: string, dims: readonly number[], place: number): string {
  const axis = grownAxis(walk, like) ?? 0;
  const batch = walk.emitter.op("Shape", [like], { start: axis, end: axis + 1 });
  const [before, after] = [dims.slice(0, place), dims.slice(place + 1)];
  const parts = [
    ...(before.length > 0 ? [walk.emitter.ints(before)] : []),
    batch,
    ...(after.length > 0 ? [walk.emitter.ints(after)] : []),
  ];
  return parts.length === 1 ? batch : walk.emitter.op("Concat", parts, { axis: 0 });
}

/** A value of the exported batch at `axis` that does not grow, expanded along that axis to the batch of `like`. */
function expandConstant(walk: Walk, value: string, axis: number, like: string): string {
  const dims = walk.reference.get(value)?.dims ?? [];
  const shape = shapeWithBatch(
    walk,
    like,
    dims.map(() => 1),
    axis,
  );
  return walk.emitter.op("Expand", [value, shape]);
}

/** Case 3 for Concat. */
const repairConcat: Repair = (node, walk) => {
  const like = node.inputs.find((name) => grownAxis(walk, name) !== undefined);
  const axis = like === undefined ? undefined : grownAxis(walk, like);
  const along = attr.int(node, "axis");
  const rank = walk.reference.get(like ?? "")?.dims.length ?? 0;
  if (like === undefined || axis === undefined || axis === (along < 0 ? along + rank : along))
    return undefined;
  if (walk.exported !== 1 || walk.reference.get(like)?.dims[axis] !== 1) return undefined;
  const inputs = node.inputs.map((name) =>
    grownAxis(walk, name) === undefined ? expandConstant(walk, name, axis, like) : name,
  );
  return inputs.every((name, i) => name === node.inputs[i]) ? undefined : { ...node, inputs };
};

/** Case 3 for initial states [D, B, H]. */
const repairRecurrent: Repair = (node, walk) => {
  const x = node.inputs[0] ?? "";
  const axis = grownAxis(walk, x);
  if (axis === undefined || walk.exported !== 1 || walk.reference.get(x)?.dims[axis] !== 1) return undefined;
  const inputs = node.inputs.map((name, i) =>
    (i === 5 || i === 6) && name !== "" && grownAxis(walk, name) === undefined
      ? expandConstant(walk, name, axis, x)
      : name,
  );
  return inputs.every((name, i) => name === node.inputs[i]) ? undefined : { ...node, inputs };
};

/** Case 4: input `i` holds the result's dimensions. */
const repairTarget =
  (i: number): Repair =>
  (node, walk) => {
    const [x, target] = [node.inputs[0] ?? "", node.inputs[i] ?? ""];
    const axis = grownAxis(walk, x);
    if (axis === undefined || target === "" || !isConstant(walk, target)) return undefined;
    const written = walk.reference.get(target)?.value ?? [];
    const place = axis + written.length - (walk.reference.get(x)?.dims.length ?? 0);
    if (grownAxis(walk, target) !== undefined || written[place] !== walk.reference.get(x)?.dims[axis])
      return undefined;
    const inputs = node.inputs.map((name, at) => (at === i ? shapeWithBatch(walk, x, written, place) : name));
    return { ...node, inputs };
  };

const REPAIRS: Readonly<Record<string, Repair>> = {
  Reshape: repairReshape,
  Concat: repairConcat,
  Resize: repairTarget(3),
  Expand: repairTarget(1),
  LSTM: repairRecurrent,
  GRU: repairRecurrent,
  RNN: repairRecurrent,
};
