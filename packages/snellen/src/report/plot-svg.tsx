// Plots as a file of their own: an SVG document on white, in colours of its own.
/** @jsxRuntime automatic @jsxImportSource preact */
import type { JSX } from "preact";
import { renderToString } from "preact-render-to-string";
import type { Plot } from "../exam/result.ts";
import { PlotDrawing } from "./components/plot-drawing.tsx";
import { PAPER_INK } from "./plot/plot-ink.ts";
import { PLOT_SIZE, plotLayout } from "./plot/plot-layout.ts";
import { plotDescription } from "./plot/plot-scales.ts";
import { visibleText } from "./plot/text-layout.ts";

/** Around the drawing. */
const MARGIN = 16;

/**
 * A complete SVG document of plots, one below the other, without anything to fetch; all text is escaped. Points that are not above zero have
 * no place on a logarithmic axis: they are left out, and the label says how many.
 *
 * @throws InternalError for a coordinate that is not a finite number
 */
export function plotSvg(...plots: readonly [Plot, ...Plot[]]): string {
  let bottom = 0;
  const drawings = plots.map((plot) => {
    const height = plotLayout(plot).height + 2 * MARGIN;
    bottom += height;
    return drawing(plot, height, bottom - height);
  });
  const svg = renderToString(
    plots.length === 1 ? (
      (drawings[0] as JSX.Element)
    ) : (
      <svg xmlns={SVG} width={WIDTH} height={bottom} viewBox={`0 0 ${WIDTH} ${bottom}`}>
        <title>{visibleText(plots.map(plotDescription).join(". "))}</title>
        {drawings}
      </svg>
    ),
  );
  // HTML may have it in text, XML may not
  return svg.replaceAll("]]>", "]]&gt;");
}

const SVG = "http://www.w3.org/2000/svg";
const WIDTH = PLOT_SIZE.width + 2 * MARGIN;

/** @param y its place in a document of several */
function drawing(plot: Plot, height: number, y: number): JSX.Element {
  const attributes = {
    xmlns: SVG,
    ...(y === 0 ? {} : { y }),
    width: WIDTH,
    height,
    viewBox: `${-MARGIN} ${-MARGIN} ${WIDTH} ${height}`,
    "font-family": "system-ui, -apple-system, 'Segoe UI', sans-serif",
  };
  return (
    <PlotDrawing plot={plot} ink={PAPER_INK} attributes={attributes}>
      <rect x={-MARGIN} y={-MARGIN} width={WIDTH} height={height} fill="white" />
    </PlotDrawing>
  );
}
