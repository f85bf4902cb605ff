// Lines and points over two axes as SVG, drawn by Vega. It is loaded when the first plot is drawn, as that takes a while.
// A white card with its own colours, so that it reads the same on light and dark pages, in print and as a file.
import { InternalError } from "@snellen/graph";
import type { Config, Legend, Mark, Scale, Spec } from "vega";
import type { Plot } from "../exam/result.ts";

/**
 * A plot as a complete SVG document, without anything to fetch; all text is escaped. Points that are not above zero have no
 * place on a logarithmic axis: they are left out, and the description says how many.
 *
 * @throws InternalError for a coordinate that is not a finite number
 */
export async function plotSvg(plot: Plot): Promise<string> {
  for (const { name, points } of plot.series)
    if (!points.flat().every(Number.isFinite))
      throw new InternalError(`a point of "${name}" is not a finite number.`, { where: plot.caption });
  const { Error: onlyErrors, logger, parse, View } = await import("vega");
  const view = new View(parse(specOf(plot)), { renderer: "none", logger: logger(onlyErrors) });
  try {
    const svg = await view.toSVG();
    // by a function: in a string, `$&` of a layer's name would stand for what is replaced
    return svg.replace("<svg ", () => `<svg role="img" aria-label="${escaped(plotDescription(plot))}" `);
  } finally {
    view.finalize();
  }
}

/** The caption, and what the picture cannot show. */
export function plotDescription(plot: Plot): string {
  const missing = plot.series.reduce(
    (sum, { points }) => sum + points.length - drawable(plot, points).length,
    0,
  );
  if (missing === 0) return plot.caption;
  const [are, them] = missing === 1 ? ["1 point is", "it has"] : [`${missing} points are`, "they have"];
  return `${plot.caption} (${are} not above zero; ${them} no place on a logarithmic axis)`;
}

const SIZE = { width: 560, height: 320 };
const [INK, SOFT, GRID] = ["#1c2128", "#57606a", "#d0d7de"];
const FONT = "system-ui, -apple-system, 'Segoe UI', sans-serif";
const TEXT_SIZE = 13;

/** Okabe and Ito's colours, which most colour-blind readers can tell apart, without the yellow that white swallows. */
const COLORS = ["#0072b2", "#d55e00", "#009e73", "#cc79a7", "#e69f00", "#56b4e9", "#000000"];
/** Of series beyond the colours, so that no two look alike soon. */
const WIDTHS = [2, 3.5, 1];

function specOf(plot: Plot): Spec {
  const series = plot.series.map((own, i) => ({
    ...own,
    name: visible(own.name),
    data: `series-${i}`,
    points: drawable(plot, own.points),
  }));
  const drawn = series.flatMap(({ points }) => points);
  const names = series.map(({ name }) => name);
  const colors = series.map((_, i) => COLORS[i % COLORS.length] as string);
  return {
    $schema: "https://vega.github.io/schema/vega/v6.json",
    ...SIZE,
    padding: 12,
    autosize: "pad",
    background: "white",
    config: CONFIG,
    data: series.map(({ data, points }) => ({ name: data, values: points.map(([x, y]) => ({ x, y })) })),
    scales: [
      scaleOf("x", plot, drawn),
      scaleOf("y", plot, drawn),
      { name: "color", type: "ordinal", domain: names, range: colors },
      { name: "dash", type: "ordinal", domain: names, range: series.map(({ style }) => DASHES[style]) },
    ],
    axes: [
      { orient: "bottom", scale: "x", title: visible(plot.x.title), grid: true, tickCount: 8 },
      { orient: "left", scale: "y", title: visible(plot.y.title), grid: true, tickCount: 6 },
    ],
    legends: series.length < 2 ? [] : [LEGEND],
    marks: series.map((own, i) =>
      markOf(own, colors[i] as string, WIDTHS[Math.floor(i / COLORS.length)] ?? 1),
    ),
  };
}

const CONFIG: Config = {
  axis: {
    labelFont: FONT,
    titleFont: FONT,
    labelFontSize: TEXT_SIZE - 1,
    titleFontSize: TEXT_SIZE,
    titleFontWeight: "normal",
    titleColor: INK,
    labelColor: SOFT,
    gridColor: GRID,
    domainColor: SOFT,
    tickColor: SOFT,
  },
  legend: { labelFont: FONT, labelFontSize: TEXT_SIZE, labelColor: INK, labelLimit: 360 },
};

/** Points have dots for a line in the legend. */
const DASHES: Readonly<Record<Style, number[]>> = { line: [], dashed: [7, 5], points: [2, 6] };

const LEGEND: Legend = {
  stroke: "color",
  strokeDash: "dash",
  symbolType: "stroke",
  symbolSize: 800,
  symbolStrokeWidth: 2,
  orient: "bottom",
  direction: "vertical",
};

function markOf(
  { data, style }: { readonly data: string; readonly style: Style },
  color: string,
  width: number,
): Mark {
  const place = { x: { scale: "x", field: "x" }, y: { scale: "y", field: "y" } };
  if (style === "points")
    return {
      type: "symbol",
      from: { data },
      encode: {
        enter: { ...place, size: { value: 36 }, fill: { value: color }, fillOpacity: { value: 0.8 } },
      },
    };
  return {
    type: "line",
    from: { data },
    encode: {
      enter: {
        ...place,
        stroke: { value: color },
        strokeWidth: { value: width },
        strokeDash: { value: DASHES[style] },
      },
    },
  };
}

type Axis = Plot["x"];
type Style = Plot["series"][number]["style"];
type Point = Plot["series"][number]["points"][number];

const isLog = (axis: Axis): boolean => axis.scale === "log";

const drawable = ({ x, y }: Plot, points: readonly Point[]): Point[] =>
  points.filter(([px, py]) => !(isLog(x) && px <= 0) && !(isLog(y) && py <= 0));

/** The range of the values; a little around a single one, and something where there is none. */
function scaleOf(name: "x" | "y", plot: Plot, points: readonly Point[]): Scale {
  const axis = plot[name];
  const values = points.map(([x, y]) => (name === "x" ? x : y));
  const [low, high] = values.reduce(
    ([a, b], v) => [Math.min(a, v), Math.max(b, v)],
    [Number.POSITIVE_INFINITY, Number.NEGATIVE_INFINITY],
  );
  const domain = low < high ? [low, high] : around(isLog(axis), low);
  const range = name === "x" ? "width" : "height";
  return isLog(axis)
    ? { name, type: "log", domain, range, nice: true }
    : { name, type: "linear", domain, range, nice: true, zero: false };
}

function around(log: boolean, value: number): [number, number] {
  if (!Number.isFinite(value)) return log ? [0.1, 1] : [0, 1];
  const half = Math.abs(value) / 2 || 0.5;
  return log ? [value / 2, value * 2] : [value - half, value + half];
}

/** One line, without the control characters that XML forbids. */
const visible = (text: string): string => text.replaceAll(/[\p{Cc}\uFFFE\uFFFF\p{Cs}]+/gu, " ");

const escaped = (text: string): string =>
  visible(text).replaceAll(/[&<>"']/g, (c) => `&#${c.charCodeAt(0)};`);
