// A plot on a page, with its caption: the drawing takes the page's colours and shrinks with it.
/** @jsxRuntime automatic @jsxImportSource preact */
import type { JSX } from "preact";
import type { Plot } from "../../exam/result.ts";
import { plotDescription } from "../plot/plot-scales.ts";
import { PlotDrawing } from "./plot-drawing.tsx";

/**
 * A plot with its caption, in the page's colours.
 * @throws InternalError for a coordinate that is not a finite number
 */
export const LinePlot = ({ plot }: { readonly plot: Plot }): JSX.Element => (
  <figure class="plot">
    <PlotDrawing plot={plot} />
    <figcaption>{plotDescription(plot)}</figcaption>
  </figure>
);
