// Where the parts of a plot go: the y axis's title on top, the area between axes, numbers, the x axis's title and the legend below.
import type { Plot } from "../../exam/result.ts";
import { axisKind, type PlotScale, plotScale, requireFinite } from "./plot-scales.ts";
import { plotTicks, type Tick } from "./plot-ticks.ts";
import { LINE_HEIGHT, textWidth, visibleText, wrappedText } from "./text-layout.ts";

/** Of the drawing, and the height of the area between the axes. */
export const PLOT_SIZE = { width: 480, area: 250 };
/** From an axis to its numbers. */
export const TICK_GAP = 8;
export const SWATCH = { width: 26, gap: 7 };

/** Lines of text, the first with its baseline at y. */
export interface TextLines {
  readonly lines: readonly string[];
  readonly x: number;
  readonly y: number;
}

export interface PlotLayout {
  readonly height: number;
  /** Between the axes. */
  readonly area: {
    readonly left: number;
    readonly top: number;
    readonly width: number;
    readonly height: number;
  };
  /** Places within the area. */
  readonly x: PlotScale;
  readonly y: PlotScale;
  readonly xTicks: readonly Tick[];
  readonly yTicks: readonly Tick[];
  readonly xTitle: TextLines;
  readonly yTitle: TextLines;
  /** One a series, x that of its swatch; none for a single series. */
  readonly legend: readonly TextLines[];
}

/** @throws InternalError for a coordinate that is not a finite number */
export function plotLayout(plot: Plot): PlotLayout {
  requireFinite(plot);
  const { width, area } = PLOT_SIZE;
  const y = plotScale(plot, "y", [area, 0]);
  const yTicks = plotTicks(y, axisKind(plot, "y"), () => 1.4 * LINE_HEIGHT);
  const yTitle = { lines: wrappedText(visibleText(plot.y.title), width), x: 0, y: 0.75 * LINE_HEIGHT };
  const left = Math.ceil(Math.max(24, ...yTicks.map(({ label }) => textWidth(label)))) + TICK_GAP;
  const top = yTitle.lines.length * LINE_HEIGHT + 12;
  // half of the last number stands out on the right
  const right = 22;
  const room = width - left - right;
  const x = plotScale(plot, "x", [0, room]);
  const xTicks = plotTicks(x, axisKind(plot, "x"), (label) => textWidth(label) + 12);
  const titleY = top + area + TICK_GAP + 2.05 * LINE_HEIGHT;
  const xTitle = { lines: wrappedText(visibleText(plot.x.title), room + right), x: left, y: titleY };
  const legendY = titleY + xTitle.lines.length * LINE_HEIGHT + 6;
  const { entries, bottom } = legendOf(plot, legendY);
  return {
    height: Math.ceil(bottom - 0.5 * LINE_HEIGHT),
    area: { left, top, width: room, height: area },
    x,
    y,
    xTicks,
    yTicks,
    xTitle,
    yTitle,
    legend: entries,
  };
}

/** Entries side by side while they fit; a long one in lines of its own. */
function legendOf({ series }: Plot, top: number): { entries: TextLines[]; bottom: number } {
  if (series.length < 2) return { entries: [], bottom: top };
  const indent = SWATCH.width + SWATCH.gap;
  const entries: TextLines[] = [];
  let [x, y] = [0, top];
  for (const { name } of series) {
    const text = visibleText(name);
    const width = indent + textWidth(text) + 14;
    if (x > 0 && x + width > PLOT_SIZE.width) [x, y] = [0, y + LINE_HEIGHT];
    const lines = wrappedText(text, PLOT_SIZE.width - indent);
    entries.push({ lines, x, y });
    if (lines.length > 1) [x, y] = [0, y + lines.length * LINE_HEIGHT];
    else x += width;
  }
  return { entries, bottom: x === 0 ? y : y + LINE_HEIGHT };
}
