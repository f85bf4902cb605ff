// Estimates as this experiment's page writes them.
import { shortNumber } from "../../report/number.ts";
import type { Estimate } from "../../robustness/figures/estimates.ts";

/** Shares in points of a hundred: `2.4 [-2.5, 7.4]`. */
export const points = (estimate: Estimate): string =>
  written(estimate, (share) => String(Number((100 * share).toFixed(1))));

/** `1.14 [1.06, 1.22]`. */
export const figure = (estimate: Estimate): string => written(estimate, shortNumber);

function written({ value, low, high }: Estimate, text: (value: number) => string): string {
  if (value === null) return "unknown";
  return low === null || high === null ? text(value) : `${text(value)} [${text(low)}, ${text(high)}]`;
}
