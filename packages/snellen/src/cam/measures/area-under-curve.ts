// Area under a curve of probabilities over the share of pixels that were replaced, by trapezoids.
import { replacedCounts } from "./perturbations/progressive.ts";

/**
 * @param probabilities one for every step from none to all pixels
 * @param pixels how many pixels there are
 * @returns 0 to 1
 */
export function areaUnderCurve(probabilities: readonly number[], pixels: number): number {
  const counts = replacedCounts(pixels);
  let area = 0;
  for (let k = 1; k < counts.length; k++) {
    const step = (counts[k] as number) - (counts[k - 1] as number);
    area += (step * ((probabilities[k] as number) + (probabilities[k - 1] as number))) / 2;
  }
  return area / pixels;
}
