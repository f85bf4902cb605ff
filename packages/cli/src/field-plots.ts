// Plots about fields: the profile, how well R is known, and perturbations against R.
import type { Convergence, FieldSummary, PerturbationCheck, Plot } from "snellen";

/** Mean of R by distance, beside the fitted Gaussian's. */
export function profilePlot(summary: FieldSummary): Plot {
  const { layer, n, profile } = summary;
  const top = Math.max(...profile.rings.map(({ mean }) => mean)) || 1;
  const gaussian = gaussianOf(summary);
  const line = (value: (radius: number, mean: number) => number): [number, number][] =>
    profile.rings.map(({ radius, mean }) => [radius, value(radius, mean) / top]);
  return {
    kind: "plot",
    caption: `${layer}: R by distance from its centre, ${n} images`,
    x: { title: "distance from the centre (pixels)" },
    y: { title: "mean of R on the ring (share of the highest)" },
    series: [
      { name: "R", points: line((_, mean) => mean), style: "line" },
      ...(gaussian === undefined
        ? []
        : [
            {
              name: `Gaussian of sigma ${gaussian.sigma.toFixed(1)}`,
              points: line((radius) => gaussian.peak * Math.exp(-0.5 * (radius / gaussian.sigma) ** 2)),
              style: "dashed" as const,
            },
          ]),
    ],
  };
}

/** A round one as wide as the fitted one on the whole, and as high. */
function gaussianOf({ converged, sigmaX, sigmaY, amplitude, sum }: FieldSummary) {
  if (!converged || sigmaX === null || sigmaY === null || amplitude === null) return undefined;
  return { sigma: Math.sqrt(sigmaX * sigmaY), peak: (amplitude * sum) / (2 * Math.PI * sigmaX * sigmaY) };
}

export const convergencePlot = (what: string, convergence: readonly Convergence[]): Plot => ({
  kind: "plot",
  caption: `${what}: how well it is known`,
  x: { title: "images" },
  y: { title: "relative standard error of R" },
  series: [
    {
      name: "relative standard error",
      points: convergence.flatMap(({ n, relativeError }): [number, number][] =>
        relativeError === undefined ? [] : [[n, relativeError]],
      ),
      style: "line",
    },
  ],
});

export const perturbationPlot = ({ images, epsilon, pixels }: PerturbationCheck): Plot => ({
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
