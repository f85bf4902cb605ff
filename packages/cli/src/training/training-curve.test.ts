// Oracle: metrics by hand.
import { plotSvg } from "snellen";
import { describe, expect, it } from "vitest";
import { metricsOf } from "./checkpoints.ts";
import { curvePlots } from "./training-curve.ts";

const epoch = (number: number, loss: number, validationLoss: number | null = null) => ({
  epoch: number,
  step: 10 * number,
  rate: 0.1,
  loss,
  accuracy: 0.5,
  gradientNorm: 1,
  validationLoss,
  validationAccuracy: validationLoss === null ? null : 0.25,
});

describe("the curve of a training", () => {
  it("has losses and accuracies apart, validation from before the first step", () => {
    const before = { loss: 2.3, accuracy: 0.1, n: 20 };
    const [loss, accuracy] = curvePlots(metricsOf(before, [epoch(1, 2, 1.5), epoch(2, 1, 1.25)]));
    expect(loss).toMatchObject({ y: { title: "loss", scale: "linear" } });
    expect(loss.series).toEqual([
      {
        name: "training",
        style: "line",
        points: [
          [1, 2],
          [2, 1],
        ],
      },
      {
        name: "validation",
        style: "line",
        points: [
          [0, 2.3],
          [1, 1.5],
          [2, 1.25],
        ],
      },
    ]);
    expect(accuracy.y.title).toBe("accuracy (%)");
    expect(accuracy.series.map(({ points }) => points.at(-1))).toEqual([
      [2, 50],
      [2, 25],
    ]);
  });

  it("draws losses of more than two decades by their powers of ten, unless one is 0", () => {
    const scaleOf = (...losses: number[]) =>
      curvePlots(losses.map((loss, i) => epoch(i + 1, loss)))[0].y.scale;
    expect([scaleOf(300, 1), scaleOf(90, 1), scaleOf(300, 0)]).toEqual(["log", "linear", "linear"]);
  });

  it("marks whole epochs alone, and shows a single one", () => {
    const svg = plotSvg(...curvePlots([epoch(1, 2)]));
    expect(svg.match(/<circle/g)).toHaveLength(2);
    const marks = [...svg.matchAll(/text-anchor="middle"[^>]*>([^<]*)</g)].map(([, mark]) => mark);
    expect(marks).toEqual(["1", "1"]);
  });
});
