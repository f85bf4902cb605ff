// What the robustness report says of the images that its figures stand on.
import type { Estimate } from "../robustness/figures/estimates.ts";
import type { ModelFigures } from "../robustness/figures/result-types.ts";

/** `n = 248 to 250 images`. */
export function countText(estimates: readonly Estimate[]): string {
  const counts = estimates.map(({ n }) => n);
  if (counts.length === 0) return "no images";
  const [least, most] = [Math.min(...counts), Math.max(...counts)];
  return `n = ${least === most ? least : `${least} to ${most}`} images`;
}

/** Whether errors are known of it. */
export const isLabelled = ({ conditions }: ModelFigures): boolean =>
  conditions.some(({ accuracy }) => accuracy.n > 0);
