// Losses as audits write them: points of accuracy, with their interval and the images that they stand on.
import { shareText } from "../../report/estimate-text.ts";
import type { Estimate } from "../../robustness/figures/estimates.ts";

/** `98.3 %`. */
export const percentText = (share: number): string => `${shareText(share)} %`;

/** `95 % interval 13.0 to 21.2` in percent, or why there is none. */
export const intervalText = ({ low, high }: Pick<Estimate, "low" | "high">): string =>
  low === null || high === null
    ? "no interval: too few images"
    : `95 % interval ${shareText(low)} to ${shareText(high)}`;

/** `5`, `5 and 3`, `3, 4 and 5`. */
export const listText = (items: readonly (string | number)[]): string =>
  [items.slice(0, -1).join(", "), ...items.slice(-1)].filter((part) => part !== "").join(" and ");
