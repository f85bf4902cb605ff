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

/** A shape function that needs the types of its first `count` inputs, and gets them as arguments. */
export const given =
  (count: number, infer: (context: ShapeContext, ...types: ValueType[]) => Outputs): ShapeFunction =>
  (context) => {
    for (let i = 0; i < count; i++) if (context.inputs[i] === undefined) return UNKNOWN;
    return infer(context, ...(context.inputs as ValueType[]));
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

export const product = (dims: Dims): number => dims.reduce((n, d) => n * d, 1);

/** Dimensions of a multidirectional broadcast (NumPy's rule). */
export function broadcast(node: Node, all: readonly Dims[]): Dims {
  const rank = Math.max(...all.map((dims) => dims.length));
  return Array.from({ length: rank }, (_, axis) => {
    let size = 1;
    for (const dims of all) {
      const dim = dims[axis - rank + dims.length] ?? 1;
      if (dim === 1 || dim === size) continue;
      if (size !== 1) throw mismatch(node, `cannot broadcast ${all.map(show).join(" with ")}.`);
      size = dim;
    }
    return size;
  });
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
