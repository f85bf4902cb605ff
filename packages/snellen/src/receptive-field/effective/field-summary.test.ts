// A layer's field in numbers. Oracles: the closed form 1 − exp(−r²/2σ²) of a round Gaussian's mass within r; and JSON, which must
// give back what went in.
import { describe, expect, it } from "vitest";
import type { FeatureLayer } from "../../vision-model/layers.ts";
import { bump, fieldOf } from "../size/test-support/made-fields.ts";
import { accumulation } from "./accumulation.ts";
import { summarizeField } from "./field-summary.ts";

const LAYER: FeatureLayer = {
  value: "relu",
  layout: { kind: "map", grid: [4, 5], channelAxis: 1, spatialAxes: [2, 3], prefix: 0, suffix: 0 },
  channels: 2,
  field: undefined,
  node: "relu",
  opType: "Relu",
};
const CONTEXT = { accumulation: accumulation("dead-pixels"), colours: 3 };
const summaryOf = (
  field: Parameters<typeof bump> | "zero",
  convergence = [{ n: 4, relativeError: undefined as number | undefined }],
) => {
  const made = fieldOf(120, 160, field === "zero" ? () => 0 : bump(...field));
  return summarizeField(LAYER, { ...made, n: 4 }, { ...CONTEXT, convergence });
};

describe("the share of R within a radius", () => {
  it("is told at parts of the shorter side and at one to three sigma", () => {
    const { within } = summaryOf([80, 60, 10, 10]).profile;
    expect(within.map(({ radius }) => radius)).toEqual([
      15,
      30,
      60,
      expect.closeTo(10, 4),
      expect.closeTo(20, 4),
      expect.closeTo(30, 4),
    ]);
    // whole pixels: a disc of radius r is a fraction of a pixel rough at its edge
    for (const { radius, share } of within)
      expect(Math.abs((share as number) - (1 - Math.exp(-(radius ** 2) / 200)))).toBeLessThan(0.01);
  });

  it("is about the fitted centre, at √(σx·σy) where the two differ", () => {
    const { within } = summaryOf([40, 70, 4, 9]).profile;
    expect(within[3]?.radius).toBeCloseTo(6, 4);
  });

  it("knows no sigma where no Gaussian fits", () => {
    const { converged, profile } = summaryOf("zero");
    expect(converged).toBe(false);
    expect(profile.within).toEqual([15, 30, 60].map((radius) => ({ radius, share: null })));
  });
});

it("is plain data: null and not undefined where something is not known", () => {
  for (const summary of [summaryOf("zero"), summaryOf([80, 60, 10, 10])]) {
    expect(summary.convergence).toStrictEqual([{ n: 4, relativeError: null }]);
    expect(JSON.parse(JSON.stringify(summary))).toStrictEqual(summary);
  }
  expect(summaryOf("zero").profile.holding[0]).toStrictEqual({ share: 0.5, radius: null });
  const known = [{ n: 4, relativeError: 0.25 }];
  expect(summaryOf("zero", known).convergence).toEqual(known);
});
