// How uneven neighbouring pixels of R are: the two indices of the dead pixel test.
// Kim et al., "Dead Pixel Test Using Effective Receptive Field", arXiv:2108.13576, section 4: mean |first| and |second| differences.
import { UsageError } from "@snellen/graph";
import { type FieldValues, meanOf } from "../size/field-values.ts";

/**
 * The indices of the dead pixel test (arXiv:2108.13576, section 4): L1 and L2, mean sizes of R's first and second
 * differences.
 */
export interface DeadPixelIndices {
  /** Σ(|∂x R| + |∂y R|) / (H·(W−1)·2), in units of R. */
  readonly l1: number;
  /** Σ(|∂²x R| + |∂²y R|) / (H·(W−2)·2), in units of R. */
  readonly l2: number;
  /** The same divided by the mean of R, so that models compare; undefined where that is not above zero. */
  readonly l1Normalized: number | undefined;
  readonly l2Normalized: number | undefined;
}

/**
 * The published forms are for squares. Where H ≠ W, each axis is averaged over its own differences, H·(W−1) and (H−1)·W, and
 * the index is the mean of both; for squares that is the published number.
 *
 * @param field R of the output, averaged over the images as published
 * @throws UsageError `field-too-small` below 3 × 3 pixels
 */
export function deadPixelIndices(field: FieldValues): DeadPixelIndices {
  const [height, width] = field.dims;
  if (Math.min(height, width) < 3)
    throw new UsageError("field-too-small", `second differences of ${height}x${width} pixels do not exist.`, {
      hint: "Give a field of at least 3x3 pixels.",
    });
  const along = [
    { lines: height, length: width, lineStep: width, step: 1 },
    { lines: width, length: height, lineStep: 1, step: width },
  ];
  const index = (order: 1 | 2): number =>
    along.reduce((sum, axis) => sum + meanDifference(field.values, axis, order), 0) / along.length;
  const [l1, l2, mean] = [index(1), index(2), meanOf(field.values)];
  const normalized = (value: number): number | undefined => (mean > 0 ? value / mean : undefined);
  return { l1, l2, l1Normalized: normalized(l1), l2Normalized: normalized(l2) };
}

interface Axis {
  readonly lines: number;
  readonly length: number;
  readonly lineStep: number;
  readonly step: number;
}

function meanDifference(values: Float64Array, { lines, length, lineStep, step }: Axis, order: 1 | 2): number {
  let sum = 0;
  for (let line = 0; line < lines; line++)
    for (let k = 0; k < length - order; k++) {
      const at = line * lineStep + k * step;
      const [a, b] = [values[at] as number, values[at + step] as number];
      sum += Math.abs(order === 1 ? b - a : a - 2 * b + (values[at + 2 * step] as number));
    }
  return sum / (lines * (length - order));
}
