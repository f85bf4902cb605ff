// Which positions under a stride are weak: R averaged over all pixels that are alike modulo the stride.
// The checkerboard of Kim et al., arXiv:2108.13576, folded into one period; derived here.
import { type FieldValues, meanOf } from "../size/field-values.ts";
import { type Stride, strideSides } from "./stride.ts";

/** R folded into one period of a stride: how strong each position under it is. */
export interface PhaseMap {
  /** [rows, columns]. */
  readonly stride: readonly [number, number];
  /** Mean of R at each [row mod stride][column mod stride], relative to the mean of R; 1 everywhere where phases do not matter. */
  readonly means: readonly (readonly number[])[];
  /** (highest − lowest) of `means`. */
  readonly contrast: number;
  /** [row, column] of the phases below half of the mean of R. */
  readonly weak: readonly (readonly [number, number])[];
}

/** Share of the mean of R below which a phase is called weak. */
const WEAK_PHASE = 0.5;

/**
 * Averages R over all pixels that are alike modulo a stride, which shows the positions under it that are weak. Derived here.
 * @param stride pixels, whole; at most the image's height and width
 * @returns undefined where the mean of R is not above zero
 * @throws UsageError `bad-stride`
 */
export function phaseMap(field: FieldValues, stride: Stride): PhaseMap | undefined {
  const { values, dims } = field;
  const [rows, columns] = strideSides(stride, dims);
  const mean = meanOf(values);
  if (!(mean > 0)) return undefined;
  const [sums, counts] = [new Float64Array(rows * columns), new Float64Array(rows * columns)];
  const width = dims[1];
  values.forEach((v, i) => {
    const phase = (Math.floor(i / width) % rows) * columns + ((i % width) % columns);
    sums[phase] = (sums[phase] as number) + v;
    counts[phase] = (counts[phase] as number) + 1;
  });
  const relative = sums.map((sum, i) => sum / (counts[i] as number) / mean);
  const weak: [number, number][] = [];
  relative.forEach((v, i) => {
    if (v < WEAK_PHASE) weak.push([Math.floor(i / columns), i % columns]);
  });
  return {
    stride: [rows, columns],
    means: Array.from({ length: rows }, (_, row) => [
      ...relative.subarray(row * columns, (row + 1) * columns),
    ]),
    contrast: relative.reduce((a, v) => Math.max(a, v)) - relative.reduce((a, v) => Math.min(a, v)),
    weak,
  };
}
