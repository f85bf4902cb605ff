// What the shape functions share: reading optional inputs and axes, broadcasting, and the error for a graph that cannot be right.
// A function returns undefined for what it cannot know; it never guesses.
import type { DataType } from "../../data-type.ts";
import { ModelError } from "../../errors.ts";
import { attr, describeNode, type Node } from "../../model.ts";
import type { ShapeContext, ShapeFunction, ValueType } from "../value-type.ts";

export type Dims = readonly number[];
export type Outputs = readonly (ValueType | undefined)[];
export type ShapeTable = Readonly<Record<string, ShapeFunction>>;

/** The answer "nothing is known", for every output. */
export const UNKNOWN: Outputs = [];

export const unknown: ShapeFunction = () => UNKNOWN;

/** Whether an optional input is there at all; its type may still be unknown. */
export const isPresent = ({ node }: ShapeContext, index: number): boolean =>
  (node.inputs[index] ?? "") !== "";

/** A shape function that needs the types of its first `count` inputs (at most three), and gets them as arguments. */
export const given =
  (
    count: 1 | 2 | 3,
    infer: (context: ShapeContext, a: ValueType, b: ValueType, c: ValueType) => Outputs,
  ): ShapeFunction =>
  (context) => {
    const [a, b, c] = context.inputs;
    if (a === undefined || (count > 1 && b === undefined) || (count > 2 && c === undefined)) return UNKNOWN;
    return infer(context, a, b as ValueType, c as ValueType);
  };

/** Output 0 with the type and dimensions of the first input. */
export const likeFirst: ShapeFunction = given(1, (_, x) => [{ dataType: x.dataType, dims: x.dims }]);

/** As `likeFirst`, with another element type. */
export const likeFirstAs = (dataType: DataType): ShapeFunction =>
  given(1, (_, x) => [{ dataType, dims: x.dims }]);

/** A table with the same function for each of the operators. */
export const each = (operators: readonly string[], infer: ShapeFunction): ShapeTable =>
  Object.fromEntries(operators.map((op) => [op, infer]));

export const mismatch = (node: Node, what: string): ModelError =>
  new ModelError("shape-mismatch", what, {
    where: describeNode(node),
    hint: "The graph is not well formed at this input size; check the sizes given for its inputs.",
  });

export function product(dims: Dims): number {
  let count = 1;
  for (const size of dims) count *= size;
  return count;
}

/** Dimensions of a multidirectional broadcast (NumPy's rule). */
export function broadcast(node: Node, all: readonly Dims[]): Dims {
  let result: Dims = all[0] ?? [];
  for (let i = 1; i < all.length; i++) {
    const next = broadcastTwo(result, all[i] as Dims);
    if (next === undefined) throw mismatch(node, `cannot broadcast ${all.map(show).join(" with ")}.`);
    result = next;
  }
  return result;
}

function broadcastTwo(a: Dims, b: Dims): Dims | undefined {
  const [long, short] = a.length >= b.length ? [a, b] : [b, a];
  const dims = [...long];
  const added = long.length - short.length;
  for (let axis = 0; axis < short.length; axis++) {
    const [x, y] = [dims[axis + added] as number, short[axis] as number];
    if (x === 1) dims[axis + added] = y;
    else if (y !== 1 && y !== x) return undefined;
  }
  return dims;
}

export const show = (dims: Dims): string => `[${dims.join(", ")}]`;

/** An axis counted from the front. */
export function frontAxis(node: Node, axis: number, rank: number): number {
  const front = axis < 0 ? axis + rank : axis;
  if (front < 0 || front >= Math.max(rank, 1)) throw mismatch(node, `axis ${axis} of a rank-${rank} value.`);
  return front;
}

/** The `axis` attribute counted from the front. */
export const axisOf = (node: Node, rank: number, orElse: number): number =>
  frontAxis(node, attr.int(node, "axis", orElse), rank);

/**
 * A list that newer operator sets take as input `index` and older ones as attribute `name`.
 * @returns its values; "absent" when it is in neither; undefined when the input is computed and not known here
 */
export function listOf(context: ShapeContext, index: number, name: string): Dims | "absent" | undefined {
  if (isPresent(context, index)) return context.inputs[index]?.value;
  return attr.ints(context.node, name) ?? "absent";
}
