// High-contribution areas: how large a centred square holds a share of the field.
// Ding et al., "Scaling Up Your Kernels to 31x31" (RepLKNet), arXiv:2203.06717, section 4.1; windows as in their tool.
import { InternalError } from "@snellen/graph";
import { type FieldValues, total } from "./field-values.ts";

export interface AreaRatio {
  /** Share of the sum that the window must exceed. */
  readonly threshold: number;
  /** Side of the window in pixels, 3 and up, odd; null where no window inside the image is enough. */
  readonly side: number | null;
  /** Its share of the image's pixels. */
  readonly ratio: number | null;
}

const AREA_THRESHOLDS: readonly number[] = [0.2, 0.3, 0.5, 0.99];

/**
 * For each threshold, the smallest window of side 2i + 1, i = 1, 2, …, around the pixel [⌊H/2⌋, ⌊W/2⌋] whose share of the sum
 * exceeds it. i ends below ⌊max(H, W)/2⌋. Where H ≠ W, windows end at the image's border and the ratio counts what is inside;
 * for squares, as published.
 *
 * @param values as they are summed: RepLKNet's are `logPicture` of the contributions
 */
export function areaRatios(
  values: Float64Array,
  dims: readonly [number, number],
  thresholds: readonly number[] = AREA_THRESHOLDS,
): AreaRatio[] {
  const [height, width] = dims;
  if (values.length !== height * width)
    throw new InternalError(`${values.length} values for ${height}x${width} pixels.`);
  const sum = total(values);
  const inside = massOfWindows({ values, dims });
  return thresholds.map((threshold) => {
    const i = inside.findIndex((mass, k) => k > 0 && mass / sum > threshold);
    return i < 0
      ? { threshold, side: null, ratio: null }
      : { threshold, side: 2 * i + 1, ratio: (clipped(height, i) * clipped(width, i)) / values.length };
  });
}

/** log10(x + 1) / its maximum, the picture that RepLKNet's areas are measured on. @param contributions sums over images, ≥ 0 */
export function logPicture(contributions: Float64Array): Float64Array {
  const logs = contributions.map((v) => Math.log10(v + 1));
  const highest = logs.reduce((a, v) => Math.max(a, v), 0);
  return highest > 0 ? logs.map((v) => v / highest) : logs;
}

/** Entry i: the sum of the window of side 2i + 1. */
function massOfWindows({ values, dims: [height, width] }: FieldValues): number[] {
  const [row, column] = [height >> 1, width >> 1];
  const borders = new Array<number>(Math.max(1, Math.max(height, width) >> 1)).fill(0);
  for (let y = 0; y < height; y++)
    for (let x = 0; x < width; x++) {
      const i = Math.max(Math.abs(y - row), Math.abs(x - column));
      if (i < borders.length) borders[i] = (borders[i] as number) + (values[y * width + x] as number);
    }
  let sum = 0;
  return borders.map((own) => (sum += own));
}

/** Rows (columns) of the window of side 2i + 1 that are inside of the image. */
const clipped = (size: number, i: number): number => {
  const middle = size >> 1;
  return Math.min(size, middle + i + 1) - Math.max(0, middle - i);
};
