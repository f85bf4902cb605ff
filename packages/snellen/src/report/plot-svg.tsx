// A plot as a file of its own: an SVG document on white, in colours of its own.
/** @jsxRuntime automatic @jsxImportSource preact */
import { renderToString } from "preact-render-to-string";
import type { Plot } from "../exam/result.ts";
import { PlotDrawing } from "./components/plot-drawing.tsx";
import { PAPER_INK } from "./plot/plot-ink.ts";
import { PLOT_SIZE, plotLayout } from "./plot/plot-layout.ts";

/** Around the drawing. */
const MARGIN = 16;

/**
 * A complete SVG document, without anything to fetch; all text is escaped. Points that are not above zero have no place on a logarithmic
 * axis: they are left out, and the label says how many.
 *
 * @throws InternalError for a coordinate that is not a finite number
 */
export function plotSvg(plot: Plot): string {
  const [width, height] = [PLOT_SIZE.width + 2 * MARGIN, plotLayout(plot).height + 2 * MARGIN];
  const attributes = {
    xmlns: "http://www.w3.org/2000/svg",
    width,
    height,
    viewBox: `${-MARGIN} ${-MARGIN} ${width} ${height}`,
    "font-family": "system-ui, -apple-system, 'Segoe UI', sans-serif",
  };
  const svg = renderToString(
    <PlotDrawing plot={plot} ink={PAPER_INK} attributes={attributes}>
      <rect x={-MARGIN} y={-MARGIN} width={width} height={height} fill="white" />
    </PlotDrawing>,
  );
  // HTML may have it in text, XML may not
  return svg.replaceAll("]]>", "]]&gt;");
}
