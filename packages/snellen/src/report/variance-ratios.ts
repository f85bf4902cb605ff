// The variance of residual branches by depth as a plot, for exams and the command line.
import type { Plot } from "../exam/result.ts";
import type { PlannedBlock } from "../normalization/gammas/gamma-plan.ts";

/** Var(F(x)) / Var(x) by depth, with the smallest and largest of one image; undefined where nothing was measured. */
export function ratioPlot(blocks: readonly PlannedBlock[]): Plot | undefined {
  const points = (key: "varianceRatio" | "low" | "high") =>
    blocks.flatMap((block, i): [number, number][] => (block[key] === null ? [] : [[i + 1, block[key]]]));
  const mean = points("varianceRatio");
  if (mean.length === 0) return undefined;
  const isOfOneImage = blocks.every(({ low, high }) => low === high);
  return {
    kind: "plot",
    caption:
      "Variance of each residual branch beside that of its skip: the smaller, the nearer to the identity",
    x: { title: "residual block, from the image to the scores" },
    y: { title: "Var(F(x)) / Var(x)", scale: "log" },
    series: [
      { name: "mean", points: mean, style: "line" },
      ...(isOfOneImage
        ? []
        : [
            { name: "smallest of one image", points: points("low"), style: "dashed" as const },
            { name: "largest of one image", points: points("high"), style: "dashed" as const },
          ]),
    ],
  };
}
