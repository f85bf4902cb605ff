// What plots are painted with: on a page its own colours, light or dark; in a file colours for white paper.
import type { Plot } from "../../exam/result.ts";

export type SeriesStyle = Plot["series"][number]["style"];

/** Colours as SVG's attributes take them. */
export interface PlotInk {
  readonly text: string;
  readonly soft: string;
  readonly grid: string;
  /** As many as are told apart. */
  readonly series: readonly string[];
}

/**
 * Okabe and Ito's colours, which most colour-blind readers can tell apart, in an order that begins with those that stand out: on white
 * without the yellow that it swallows, on black with it.
 */
export const SERIES_COLORS = {
  light: ["#0072b2", "#d55e00", "#009e73", "#cc79a7", "#e69f00", "#56b4e9", "#000000"],
  dark: ["#56b4e9", "#d55e00", "#009e73", "#cc79a7", "#e69f00", "#f0e442", "#ffffff"],
};

/** By the custom properties of the report's stylesheet. */
export const PAGE_INK: PlotInk = {
  text: "var(--ink)",
  soft: "var(--soft)",
  grid: "var(--line)",
  series: SERIES_COLORS.light.map((_, i) => `var(--series-${i + 1})`),
};

export const PAPER_INK: PlotInk = {
  text: "#1c2128",
  soft: "#57606a",
  grid: "#d0d7de",
  series: SERIES_COLORS.light,
};

/** Of series beyond the colours, so that no two look alike soon. */
const WIDTHS = [2, 3.5, 1];
const DASHES: Readonly<Record<SeriesStyle, string | undefined>> = {
  line: undefined,
  dashed: "7 5",
  points: undefined,
};

/** How the `index`-th series is stroked. */
export const strokeOf = ({ series }: PlotInk, index: number, style: SeriesStyle) => ({
  fill: "none",
  stroke: series[index % series.length],
  "stroke-width": WIDTHS[Math.floor(index / series.length)] ?? 1,
  "stroke-dasharray": DASHES[style],
  "stroke-linejoin": "round" as const,
  "stroke-linecap": style === "line" ? ("round" as const) : ("butt" as const),
});
