// Motion blur along a line: each output is a sum of inputs that lie ahead of it, weighted by one half of a Gaussian.
// ImageNet-C as the `imagecorruptions` package has it: shifts of whole pixels, edges repeated, one-sided.
import type { Tap } from "./correlate.ts";

export interface Streak {
  /** The streak's length in pixels is twice this, and one. */
  readonly radius: number;
  /** Standard deviation of the Gaussian, in pixels. */
  readonly sigma: number;
}

export interface Extent {
  readonly width: number;
  readonly height: number;
}

/**
 * Taps of a streak, those of equal shift as one. Where it would reach beyond the whole picture it ends, and what is left of its
 * weight is lost: such a picture gets darker.
 * @param degrees 0 reads what lies to the right, 90 what lies below
 */
export function motionTaps(
  { radius, sigma }: Streak,
  degrees: number,
  { width, height }: Extent,
): readonly Tap[] {
  const length = 2 * radius + 1;
  const weights = Float64Array.from({ length }, (_, i) => Math.exp(-(i ** 2) / (2 * sigma ** 2)));
  const sum = weights.reduce((a, b) => a + b);
  const angle = (degrees * Math.PI) / 180;
  const [down, right] = [length * Math.sin(angle), length * Math.cos(angle)];
  const norm = Math.hypot(down, right);
  const taps: Tap[] = [];
  for (const [i, weight] of weights.entries()) {
    const dy = Math.ceil((i * down) / norm - 0.5);
    const dx = Math.ceil((i * right) / norm - 0.5);
    if (Math.abs(dy) >= height || Math.abs(dx) >= width) break;
    const last = taps.at(-1);
    const isSame = last?.dx === dx && last.dy === dy;
    if (isSame) taps.pop();
    taps.push({ dx, dy, weight: weight / sum + (isSame ? last.weight : 0) });
  }
  return taps;
}
