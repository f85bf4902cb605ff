// Weak ("partially dead") pixels: those whose R is below half of the median around them.
// The checkerboard of Kim et al., arXiv:2108.13576, counted pixel by pixel; the measure is derived here.
import { type FieldValues, meanOf } from "../size/field-values.ts";
import { localMedian } from "./local-median.ts";
import { type Stride, strideSides } from "./stride.ts";

/** How many pixels are weak: their R is below half of the median around them. */
export interface WeakPixels {
  /** Share of all pixels, 0 to 1. */
  readonly share: number;
  readonly count: number;
  /** Share of pixels that never raise the score: R is zero, or rounding beside its mean. Dead ones are among them. */
  readonly deadShare: number;
  /** Window of the median, [rows, columns]. */
  readonly window: readonly [number, number];
}

/** Share of the local median below which a pixel is weak. */
const WEAK_PIXEL = 0.5;
const SMALLEST_WINDOW = 5;
/** Of the mean of R: what float32 gradients leave where the true one is zero. */
const ROUNDING = 1e-6;

/**
 * The window is 2·stride + 1 pixels each way, 5 at least, and ends at the image's border. Where more than half of the pixels
 * are dead, so is the median, and none is called weak: `deadShare` and the phase map, which compares with the mean, show it.
 *
 * @param stride of the network's output, pixels
 * @throws UsageError `bad-stride`
 */
export function weakPixels(field: FieldValues, stride: Stride): WeakPixels {
  const [rows, columns] = strideSides(stride, field.dims).map((side) =>
    Math.max(SMALLEST_WINDOW, 2 * side + 1),
  ) as [number, number];
  const medians = localMedian(field, [rows, columns]);
  let count = 0;
  field.values.forEach((v, i) => {
    if (v < WEAK_PIXEL * (medians[i] as number)) count++;
  });
  const rounding = ROUNDING * meanOf(field.values);
  const dead = field.values.reduce((n, v) => (v <= rounding ? n + 1 : n), 0);
  return {
    share: count / field.values.length,
    count,
    deadShare: dead / field.values.length,
    window: [rows, columns],
  };
}
