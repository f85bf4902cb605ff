// Sums of rows with a weight each, the inner loop of every blur that goes row by row.
// Four rows are added at a time, so that sums are written and read again a fourth as often.

const BUNDLE = 4;

/** Rows of `length` values in one array, and what each counts; there is room for `count` of them. */
export interface WeightedRows {
  readonly values: Float64Array;
  /** Where each row begins. */
  readonly offsets: Int32Array;
  readonly weights: Float64Array;
}

/** For `count` rows. What is added to fill up the last bundle begins at 0 and has weight 0. */
export function weightedRows(values: Float64Array, count: number): WeightedRows {
  const padded = BUNDLE * Math.ceil(count / BUNDLE);
  return { values, offsets: new Int32Array(padded), weights: new Float64Array(padded) };
}

/** Adds to each of the sums the values of all rows at its place. */
export function addRows(sums: Float64Array, { values, offsets, weights }: WeightedRows): void {
  for (let first = 0; first < offsets.length; first += BUNDLE)
    addBundle(sums, values, offsets, weights, first);
}

function addBundle(
  sums: Float64Array,
  values: Float64Array,
  offsets: Int32Array,
  weights: Float64Array,
  first: number,
): void {
  const a = offsets[first]!;
  const b = offsets[first + 1]!;
  const c = offsets[first + 2]!;
  const d = offsets[first + 3]!;
  const ka = weights[first]!;
  const kb = weights[first + 1]!;
  const kc = weights[first + 2]!;
  const kd = weights[first + 3]!;
  for (let i = 0; i < sums.length; i++) {
    sums[i] =
      sums[i]! + ka * values[a + i]! + kb * values[b + i]! + kc * values[c + i]! + kd * values[d + i]!;
  }
}
