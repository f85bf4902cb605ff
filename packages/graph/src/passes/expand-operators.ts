// Rewrites operators that have no gradient rule of their own into operators that have. Used only where a rule needs it: the
// fused operator is faster forward, and nothing else of the model is touched.
import type { DataType } from "../data-type.ts";
import { InternalError, UnsupportedError } from "../errors.ts";
import { describeNode, type Model, makeNode, type Node, opsetOf } from "../model.ts";
import { addNode, constantOf, copyShapes, dataTypeOf, dimsOf, type Shapes } from "../shapes/shapes.ts";
import { createEmitter, type Emitter, withEmitted } from "./emitter.ts";
import { activations } from "./expansions/activations.ts";
import { attention } from "./expansions/attention.ts";
import { contrib } from "./expansions/contrib.ts";
import { einsum } from "./expansions/einsum.ts";
import { movement } from "./expansions/movement.ts";
import { normalization } from "./expansions/normalization.ts";
import { quantization } from "./expansions/quantization.ts";
import { recurrent } from "./expansions/recurrent.ts";
import { reduction } from "./expansions/reduction.ts";
import { renameNode } from "./rename.ts";

/** What an expansion may ask about the node's surroundings; new nodes go through `emit`. */
export interface ExpandContext {
  readonly emit: Emitter;
  readonly opset: number;
  /** Dimensions of a value, `BATCH` (-1) where they follow the batch; refuses the expansion when unknown. */
  dims(name: string): readonly number[];
  dataType(name: string): DataType;
  constant(name: string): readonly number[] | undefined;
  /** Scalar constant of the type of another value. */
  scalar(value: number, like: string): string;
  /** Whether output `i` of the node is present. */
  wants(i: number): boolean;
  /** Refuses the expansion with a reason. */
  fail(reason: string): never;
}

/** Emits nodes that compute what the node computes; returns the values that stand for its outputs, in order. */
export type Expansion = (node: Node, context: ExpandContext) => string | readonly string[];

export type ExpansionTable = Readonly<Record<string, Expansion>>;

const EXPANSIONS: Readonly<Record<string, Expansion | undefined>> = {
  ...activations,
  ...attention,
  ...contrib,
  ...einsum,
  ...movement,
  ...normalization,
  ...quantization,
  ...recurrent,
  ...reduction,
};

/** Operators that can be expanded, as "Op" or "domain::Op". */
export const EXPANDABLE_OPERATORS: ReadonlySet<string> = new Set(Object.keys(EXPANSIONS));

const keyOf = (node: Node): string => (node.domain === "" ? node.opType : `${node.domain}::${node.opType}`);

/**
 * Case 1: a node whose operator is in `ops` and has an expansion → simpler nodes under the same output names.
 * Case 2: what they are made of is in `ops` too → expanded again.
 * Case 3: an output that is just another value → Identity.
 *
 * @param model canonical
 * @param ops operators to expand, as "Op" or "domain::Op"
 * @param isMeant which of their nodes; all by default
 * @returns the same model when nothing was expanded; shapes include the new values
 * @throws UnsupportedError `cannot-expand` with node and reason
 */
export function expandOperators(
  model: Model,
  shapes: Shapes,
  ops: ReadonlySet<string>,
  isMeant: (node: Node) => boolean = () => true,
): { model: Model; shapes: Shapes } {
  const wanted = (node: Node): boolean => ops.has(keyOf(node)) && EXPANSIONS[keyOf(node)] !== undefined;
  if (!model.graph.nodes.some((node) => wanted(node) && isMeant(node))) return { model, shapes };
  const own = copyShapes(shapes);
  const emitter = createEmitter(model, own);
  const expand = (node: Node): Node[] =>
    wanted(node) ? expandNode(node, emitter, own, opsetOf(model)).flatMap(expand) : [node];
  const nodes = model.graph.nodes.flatMap((node) => (isMeant(node) ? expand(node) : [node]));
  const graph = { ...model.graph, nodes, initializers: withEmitted(model, emitter) };
  return { model: { ...model, graph }, shapes: own };
}

function expandNode(node: Node, emit: Emitter, shapes: Shapes, opset: number): Node[] {
  const expansion = EXPANSIONS[keyOf(node)];
  if (expansion === undefined) throw new InternalError(`no expansion of ${keyOf(node)}`);
  emit.at(node.name || node.outputs[0] || node.opType);
  const values = expansion(node, contextOf(node, emit, shapes, opset));
  return underOldNames(node, emit.drain(), typeof values === "string" ? [values] : values, shapes, opset);
}

function contextOf(node: Node, emit: Emitter, shapes: Shapes, opset: number): ExpandContext {
  const fail = (reason: string): never => {
    throw new UnsupportedError("cannot-expand", `${node.opType} has no gradient rule here: ${reason}.`, {
      where: `${describeNode(node)} (opset ${opset})`,
      hint: "Export the model without this form, or ask for it in an issue.",
    });
  };
  const dataType = (name: string): DataType =>
    dataTypeOf(shapes, name) ?? fail(`the type of "${name}" is not known`);
  return {
    emit,
    opset,
    fail,
    dataType,
    dims: (name) => dimsOf(shapes, name) ?? fail(`the shape of "${name}" is not known`),
    constant: (name) => (name === "" ? undefined : constantOf(shapes, name)),
    scalar: (value, like) => emit.scalar(value, dataType(like)),
    wants: (i) => (node.outputs[i] ?? "") !== "",
  };
}

/** Gives the values that stand for a node's outputs the names of those outputs. */
function underOldNames(
  node: Node,
  emitted: readonly Node[],
  values: readonly string[],
  shapes: Shapes,
  opset: number,
): Node[] {
  const made = new Set(emitted.flatMap((n) => n.outputs));
  const names = new Map<string, string>();
  const copies: Node[] = [];
  node.outputs.forEach((output, i) => {
    const value = values[i];
    if (output === "" || value === undefined) return;
    if (made.has(value) && !names.has(value)) names.set(value, output);
    else copies.push(makeNode("Identity", [names.get(value) ?? value], [output], { name: output }));
  });
  const nodes = [...emitted.map((n) => renameNode(n, (name) => names.get(name) ?? name)), ...copies];
  for (const n of nodes) if (n.outputs.some((name) => !made.has(name))) addNode(shapes, n, opset);
  return nodes;
}
