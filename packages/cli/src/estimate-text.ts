// Estimates as people read them on the terminal, shorter than in reports; a dash where there is no number.
import { type Estimate, shareText } from "snellen";

/** `24.1 ±1.9`: a share in percent with half the width of its interval. */
export const shareWithHalf = (estimate: Estimate): string => withHalf(estimate, shareText);

/** `0.241 ±0.019`: any number with half the width of its interval. */
export const numberWithHalf = (estimate: Estimate): string => withHalf(estimate, (value) => value.toFixed(3));

function withHalf({ value, low, high }: Estimate, text: (value: number) => string): string {
  if (value === null) return "–";
  return low === null || high === null ? text(value) : `${text(value)} ±${text((high - low) / 2)}`;
}

/** `−3.4 (−5.0 to −1.8)`: the difference of two shares, in points of percent, with its interval. */
export function changeText({ value, low, high }: Estimate): string {
  if (value === null) return "–";
  return low === null || high === null
    ? signed(value)
    : `${signed(value)} (${signed(low)} to ${signed(high)})`;
}

/** What rounds to zero has no sign. */
function signed(value: number): string {
  const size = Math.abs(100 * value).toFixed(1);
  return size === "0.0" ? size : `${value < 0 ? "−" : "+"}${size}`;
}
