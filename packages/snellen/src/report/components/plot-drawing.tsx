// A plot's drawing: lines and points over two axes. The same on pages, where it takes their colours, and as a file of its own.
/** @jsxRuntime automatic @jsxImportSource preact */
import type { ComponentChildren, JSX } from "preact";
import type { Plot } from "../../exam/result.ts";
import { PAGE_INK, type PlotInk, strokeOf } from "../plot/plot-ink.ts";
import {
  PLOT_SIZE,
  type PlotLayout,
  plotLayout,
  SWATCH,
  type TextLines,
  TICK_GAP,
} from "../plot/plot-layout.ts";
import { drawablePoints, plotDescription } from "../plot/plot-scales.ts";
import { LINE_HEIGHT, TEXT_SIZE, visibleText } from "../plot/text-layout.ts";

export interface PlotDrawingProps {
  readonly plot: Plot;
  /** Default: the page's. */
  readonly ink?: PlotInk;
  /** Further attributes of the `svg` element. */
  readonly attributes?: Readonly<Record<string, string | number>>;
  /** Painted first. */
  readonly children?: ComponentChildren;
}

/** @throws InternalError for a coordinate that is not a finite number */
export function PlotDrawing({ plot, ink = PAGE_INK, attributes, children }: PlotDrawingProps): JSX.Element {
  const layout = plotLayout(plot);
  const { left, top } = layout.area;
  return (
    <svg
      viewBox={`0 0 ${PLOT_SIZE.width} ${layout.height}`}
      role="img"
      aria-label={visibleText(plotDescription(plot)) || "plot"}
      font-size={TEXT_SIZE.normal}
      {...attributes}
    >
      {children}
      <Lines text={layout.yTitle} fill={ink.text} />
      <Lines text={layout.xTitle} fill={ink.text} />
      <g transform={`translate(${left},${top})`}>
        <Axes layout={layout} ink={ink} />
        {plot.series.map((_, index) => (
          <Series key={index} plot={plot} index={index} layout={layout} ink={ink} />
        ))}
      </g>
      {layout.legend.map((entry, index) => (
        <LegendEntry key={index} entry={entry} series={plot.series[index]} index={index} ink={ink} />
      ))}
    </svg>
  );
}

const Lines = ({ text: { lines, x, y }, fill }: { readonly text: TextLines; readonly fill: string }) => (
  <>
    {lines.map((words, i) => (
      <text key={i} x={x} y={y + i * LINE_HEIGHT} fill={fill}>
        {words}
      </text>
    ))}
  </>
);

interface Painted {
  readonly layout: PlotLayout;
  readonly ink: PlotInk;
}

const Axes = ({ layout: { area, xTicks, yTicks }, ink }: Painted): JSX.Element => (
  <>
    {xTicks.map(({ at, label }) => (
      <g key={label} transform={`translate(${at},0)`}>
        <line y2={area.height + 4} stroke={ink.grid} />
        <text y={area.height + TICK_GAP} dy="0.9em" text-anchor="middle" fill={ink.soft}>
          {label}
        </text>
      </g>
    ))}
    {yTicks.map(({ at, label }) => (
      <g key={label} transform={`translate(0,${at})`}>
        <line x1={-4} x2={area.width} stroke={ink.grid} />
        <text x={-TICK_GAP} dy="0.33em" text-anchor="end" fill={ink.soft}>
          {label}
        </text>
      </g>
    ))}
    <path d={`M0,0V${area.height}H${area.width}`} fill="none" stroke={ink.soft} />
  </>
);

function Series({
  plot,
  index,
  layout: { x, y },
  ink,
}: Painted & { readonly plot: Plot; readonly index: number }) {
  const { points, style } = plot.series[index] as Plot["series"][number];
  const places = drawablePoints(plot, points).map(([px, py]) => [rounded(x(px)), rounded(y(py))]);
  if (places.length === 0) return null;
  if (style !== "points") return <path d={pathOf(places)} {...strokeOf(ink, index, style)} />;
  const fill = ink.series[index % ink.series.length];
  return (
    <>
      {places.map(([cx, cy], i) => (
        <circle key={i} cx={cx} cy={cy} r={3.4} fill={fill} fill-opacity={0.8} />
      ))}
    </>
  );
}

/** A single point is a line of no length, of which the round ends are painted. */
const pathOf = (places: readonly (readonly number[])[]): string =>
  `M${places.join("L")}${places.length === 1 ? "Z" : ""}`;

const rounded = (place: number): number => Math.round(1000 * place) / 1000;

interface LegendEntryProps {
  readonly entry: TextLines;
  readonly series: Plot["series"][number] | undefined;
  readonly index: number;
  readonly ink: PlotInk;
}

/** Points have dots for a line. */
function LegendEntry({ entry, series, index, ink }: LegendEntryProps): JSX.Element {
  const { x, y } = entry;
  const style = series?.style ?? "line";
  const middle = y - 0.3 * TEXT_SIZE.normal;
  const dots = [5, 13, 21].map((dx) => (
    <circle key={dx} cx={x + dx} cy={middle} r={3} fill={ink.series[index % ink.series.length]} />
  ));
  return (
    <g>
      {style === "points" ? (
        dots
      ) : (
        <path d={`M${x},${middle}h${SWATCH.width}`} {...strokeOf(ink, index, style)} />
      )}
      <Lines text={{ ...entry, x: x + SWATCH.width + SWATCH.gap }} fill={ink.text} />
    </g>
  );
}
