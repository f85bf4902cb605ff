// Means and deviations over axes, as normalizations take them.
import { attr, type GraphBuilder, type Node } from "@snellen/graph";
import { shifted, square } from "./emit.ts";

/** The axes from the node's `axis` on. */
export function axesFrom(node: Node, rank: number): number[] {
  const axis = attr.int(node, "axis", -1);
  const first = axis < 0 ? axis + rank : axis;
  return Array.from({ length: rank - first }, (_, i) => first + i);
}

/** The axes behind batch and channels. */
export const spatialAxes = (rank: number): number[] => Array.from({ length: rank - 2 }, (_, i) => i + 2);

export const meanOver = (b: GraphBuilder, value: string, axes: readonly number[]): string =>
  b.op("ReduceMean", [value, b.ints(axes)], { keepdims: 1 });

/** r = 1/√(σ² + ε) of what the mean was taken from. */
export function inverseDeviation(
  b: GraphBuilder,
  node: Node,
  offset: string,
  axes: readonly number[],
): string {
  const variance = meanOver(b, square(b, offset), axes);
  const power = shifted(b, variance, attr.float(node, "epsilon", 1e-5));
  return b.op("Reciprocal", [b.op("Sqrt", [power])]);
}

/** A vector over channels beside values of this rank: [C] → [C, 1, …]. */
export const besideChannels = (b: GraphBuilder, vector: string, rank: number): string =>
  rank <= 2 ? vector : b.op("Reshape", [vector, b.ints([-1, ...spatialAxes(rank).map(() => 1)])]);
