// Plots of the commands about fields: how well R is known, and perturbations against R.
import type { PerturbationCheck, Plot } from "snellen";

/** Of a sum, or of its summary. */
type Curve = readonly { readonly n: number; readonly relativeError: number | null | undefined }[];

export const convergencePlot = (what: string, convergence: Curve): Plot => ({
  kind: "plot",
  caption: `${what}: how well it is known`,
  x: { title: "images" },
  y: { title: "relative standard error of R" },
  series: [
    {
      name: "relative standard error",
      points: convergence.flatMap(({ n, relativeError }): [number, number][] =>
        relativeError == null ? [] : [[n, relativeError]],
      ),
      style: "line",
    },
  ],
});

export const perturbationPlot = ({
  images,
  epsilon,
  pixels,
}: Pick<PerturbationCheck, "images" | "epsilon" | "pixels">): Plot => ({
  kind: "plot",
  caption: `Change of the score when a pixel is perturbed by ${epsilon.toPrecision(2)}, by R there; ${images} images`,
  x: { title: "R of the pixel" },
  y: { title: "change of the score / (colours · epsilon)" },
  series: [
    {
      name: "pixels",
      points: pixels.map(({ field, change }): [number, number] => [field, change]),
      style: "points",
    },
  ],
});
