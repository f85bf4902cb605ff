// A key number of an audit: what a repair promises to change, so that exams of several models can be set side by side.
import type { Estimate } from "../robustness/figures/estimates.ts";
import type { Figure } from "./result.ts";

/** What a figure is, whatever its value. */
export type FigureHead = Pick<Figure, "id" | "name" | "unit" | "better">;

/**
 * A figure of its unit; without a value where there is none or it is no finite number. An interval of no width is left out: images that
 * are all alike, resampled, do not tell what others would be.
 */
export function figure(
  head: FigureHead,
  value: number | null | undefined,
  interval?: readonly [low: number, high: number] | null,
): Figure {
  if (value == null || !Number.isFinite(value)) return { ...head, value: null };
  const [low, high] = interval ?? [0, 0];
  const isTold = Number.isFinite(low) && Number.isFinite(high) && high > low;
  return { ...head, value, ...(isTold && { interval: [low, high] }) };
}

/** @param scale 100 for shares that are told in percent or points */
export function estimateFigure(
  head: FigureHead,
  { value, low, high }: Omit<Estimate, "n">,
  scale = 1,
): Figure {
  const isTold = low !== null && high !== null;
  return figure(head, value === null ? null : scale * value, isTold ? [scale * low, scale * high] : null);
}
