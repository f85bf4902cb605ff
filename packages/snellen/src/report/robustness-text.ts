// Numbers of the robustness report as text: shares in percent, each with its interval and the images that it stands on.
import type { Estimate } from "../robustness/estimates.ts";
import type { ModelFigures } from "../robustness/result-types.ts";

/** `45.2`; a dash where there is no number. */
export const percent = (share: number | null): string => (share === null ? "–" : (100 * share).toFixed(1));

/** `45.2 [39.0, 51.6], n 250`, in percent. */
export function estimateText({ value, low, high, n }: Estimate): string {
  if (value === null) return "–";
  const interval = low === null || high === null ? "" : ` [${percent(low)}, ${percent(high)}]`;
  return `${percent(value)}${interval}, n ${n}`;
}

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
