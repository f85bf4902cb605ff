// What several expansions share: reshapes by known dimensions, and bits of arithmetic.
import type { Node } from "../../model.ts";
import { BATCH } from "../../shapes/shapes.ts";
import type { ExpandContext } from "../expand-operators.ts";

/** Input of a node, "" when absent. */
export const input = (node: Node, i: number): string => node.inputs[i] ?? "";

/** Product of dimensions; `BATCH` when one of them follows the batch. */
export const product = (dims: readonly number[]): number =>
  dims.includes(BATCH) ? BATCH : dims.reduce((n, d) => n * d, 1);

/** Reshapes to these dimensions, at most one of which may follow the batch. */
export function reshape({ emit, fail }: ExpandContext, value: string, dims: readonly number[]): string {
  if (dims.filter((d) => d === BATCH).length > 1) return fail("two dimensions follow the batch");
  return emit.op("Reshape", [value, emit.ints(dims)]);
}

export const transpose = ({ emit }: ExpandContext, value: string, perm: readonly number[]): string =>
  perm.every((axis, i) => axis === i) ? value : emit.op("Transpose", [value], { perm });

/** Computes in float32 when the node asks for it (`stash_type` 1) and the data is narrower; casts back. */
export function inFloat32(
  { emit, dataType }: ExpandContext,
  stash: number,
  x: string,
  compute: (x: string) => string,
): string {
  const type = dataType(x);
  if (stash !== 1 || type === "float32" || type === "float64") return compute(x);
  return emit.op("CastLike", [compute(emit.op("Cast", [x], { to: 1 })), x]);
}

/** Axes other than batch and channel. */
export const spatialAxes = (rank: number): number[] => Array.from({ length: rank - 2 }, (_, i) => i + 2);
