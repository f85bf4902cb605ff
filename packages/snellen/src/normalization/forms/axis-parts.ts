// Which axes of a value share statistics, seen through a Reshape that split or merged axes for them.
// Derived here: both shapes are products of the same factors, and each factor lies in one axis of either.

/** A factor of an axis: major to minor, as elements lie in memory. */
export interface Part {
  readonly size: number;
  /** Axis of the outer value. */
  readonly outer: number;
  /** Axis of the value that the statistics are of. */
  readonly inner: number;
  /** Whether the statistics run over it. */
  readonly isReduced: boolean;
}

/**
 * The common factors of two shapes with equally many elements, without those of size 1.
 * @param axes of `inner` that the statistics run over
 * @returns undefined where an axis of one begins in the middle of a factor of the other
 */
export function axisParts(
  outer: readonly number[],
  inner: readonly number[],
  axes: readonly number[],
): readonly Part[] | undefined {
  const parts: Part[] = [];
  let [i, j] = [0, 0];
  let [left, right] = [outer[0] ?? 1, inner[0] ?? 1];
  while (i < outer.length && j < inner.length) {
    if (left === 1) left = outer[++i] ?? 1;
    else if (right === 1) right = inner[++j] ?? 1;
    else {
      // the smaller remainder ends first, so it is the major factor of the larger one
      const size = Math.min(left, right);
      if (Math.max(left, right) % size !== 0) return undefined;
      parts.push({ size, outer: i, inner: j, isReduced: axes.includes(j) });
      left /= size;
      right /= size;
    }
  }
  return parts;
}

/**
 * What statistics do along an axis: run over it, leave it, run over the minor part of it (which makes groups of the major part),
 * or anything else.
 */
export type AxisState = "reduced" | "kept" | "split" | "other";

/** The state of every axis of the outer value that is longer than 1. */
export function axisStates(parts: readonly Part[]): ReadonlyMap<number, AxisState> {
  const axes = [...new Set(parts.map((p) => p.outer))];
  return new Map(axes.map((axis) => [axis, stateOf(parts.filter((p) => p.outer === axis))]));
}

function stateOf(parts: readonly Part[]): AxisState {
  const firstReduced = parts.findIndex((p) => p.isReduced);
  if (firstReduced < 0) return "kept";
  if (parts.slice(firstReduced).some((p) => !p.isReduced)) return "other";
  return firstReduced === 0 ? "reduced" : "split";
}
