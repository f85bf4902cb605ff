// From a plot's values to places: which points can be drawn, the range of its axes, and d3's scales over it.
import { InternalError } from "@snellen/graph";
import { type ScaleContinuousNumeric, scaleLinear, scaleLog } from "d3-scale";
import type { Plot } from "../../exam/result.ts";
import type { AxisKind } from "./plot-ticks.ts";

export type PlotPoint = Plot["series"][number]["points"][number];
export type PlotScale = ScaleContinuousNumeric<number, number>;

type Axis = Plot["x"];

const isLog = (axis: Axis): boolean => axis.scale === "log";

/** Those that have a place on its axes. */
export const drawablePoints = ({ x, y }: Plot, points: readonly PlotPoint[]): PlotPoint[] =>
  points.filter(([px, py]) => !(isLog(x) && px <= 0) && !(isLog(y) && py <= 0));

/** The caption, and what the picture cannot show. */
export function plotDescription(plot: Plot): string {
  const missing = plot.series.reduce(
    (sum, { points }) => sum + points.length - drawablePoints(plot, points).length,
    0,
  );
  if (missing === 0) return plot.caption;
  const [are, them] = missing === 1 ? ["1 point is", "it has"] : [`${missing} points are`, "they have"];
  return `${plot.caption} (${are} not above zero; ${them} no place on a logarithmic axis)`;
}

/** @throws InternalError for a coordinate that is not a finite number */
export function requireFinite({ series, caption }: Plot): void {
  for (const { name, points } of series)
    if (!points.flat().every(Number.isFinite))
      throw new InternalError(`a point of "${name}" is not a finite number.`, { where: caption });
}

const drawnValues = (plot: Plot, name: "x" | "y"): number[] =>
  plot.series.flatMap(({ points }) => drawablePoints(plot, points).map(([x, y]) => (name === "x" ? x : y)));

export const axisKind = (plot: Plot, name: "x" | "y"): AxisKind => ({
  isLog: isLog(plot[name]),
  isWhole: drawnValues(plot, name).every(Number.isInteger),
});

/** @param range where the least and the largest value go */
export function plotScale(plot: Plot, name: "x" | "y", range: readonly [number, number]): PlotScale {
  const axis = plot[name];
  const [low, high] = drawnValues(plot, name).reduce(
    ([a, b], v) => [Math.min(a, v), Math.max(b, v)],
    [Number.POSITIVE_INFINITY, Number.NEGATIVE_INFINITY],
  );
  const domain = low < high ? [low, high] : around(isLog(axis), low);
  return (isLog(axis) ? scaleLog() : scaleLinear()).domain(domain).range(range).nice();
}

/** A little around a single value, and something where there is none. */
function around(log: boolean, value: number): [number, number] {
  if (!Number.isFinite(value)) return log ? [0.1, 1] : [0, 1];
  const half = Math.abs(value) / 2 || 0.5;
  return log ? [value / 2, value * 2] : [value - half, value + half];
}
