// Shares and estimates of shares as text, in percent: as reports, the exam and the command line write them.
import type { Estimate } from "../robustness/figures/estimates.ts";
import { fixedNumber } from "./number.ts";

/** `45.2`: a share in percent; a dash where there is no number. */
export const shareText = (share: number | null): string =>
  share === null ? "–" : fixedNumber(100 * share, 1);

/** `45.2 [39.0, 51.6], n 250`, in percent. */
export function estimateText({ value, low, high, n }: Estimate): string {
  if (value === null) return "–";
  const interval = low === null || high === null ? "" : ` [${shareText(low)}, ${shareText(high)}]`;
  return `${shareText(value)}${interval}, n ${n}`;
}
