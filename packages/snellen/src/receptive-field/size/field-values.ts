// What the numbers of R are computed from: its values and their grid, without the count of images.
// R may come from a file, so that its values may be anything; sums of ugly ones are ugly, and whoever divides looks first.
import type { FieldMap } from "../effective/field-map.ts";

export type FieldValues = Pick<FieldMap, "values" | "dims">;

export function total(values: Float64Array): number {
  let sum = 0;
  for (const v of values) sum += v;
  return sum;
}

export const meanOf = (values: Float64Array): number => total(values) / values.length;

/** Middle of a list; of an even number, the mean of the middle two. NaN of an empty one. */
export function medianOf(values: readonly number[]): number {
  const sorted = [...values].sort((a, b) => a - b);
  const middle = sorted.length >> 1;
  const upper = sorted[middle] ?? Number.NaN;
  return sorted.length % 2 === 1 ? upper : ((sorted[middle - 1] ?? Number.NaN) + upper) / 2;
}
