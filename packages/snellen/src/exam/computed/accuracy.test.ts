// Oracle: scipy.stats.binomtest(k, n).proportion_ci(method="wilson").
import { describe, expect, it } from "vitest";
import { predictions } from "../test-support/artifacts.ts";
import { accuracy, wilson } from "./accuracy.ts";
import { extremes } from "./extremes.ts";

describe("wilson", () => {
  it.each([
    [57, 60, 0.863, 0.9829],
    [0, 10, 0, 0.2775],
    [10, 10, 0.7225, 1],
    [5, 10, 0.2366, 0.7634],
  ])("%d of %d", (successes, n, low, high) => {
    const found = wilson(successes, n);
    expect(found[0]).toBeCloseTo(low, 3);
    expect(found[1]).toBeCloseTo(high, 3);
  });
});

describe("accuracy", () => {
  it("counts labelled images only, and is unknown without any", () => {
    const made = [...predictions(4, 3), ...predictions(2, 2, false)];
    expect(accuracy.make({ predictions: made }, null as never)).toMatchObject({
      labelled: 4,
      top1: 0.75,
      top5: 0.75,
    });
    expect(accuracy.make({ predictions: predictions(2, 2, false) }, null as never)).toBeUndefined();
  });
});

describe("extremes", () => {
  it("never shows an image on both sides", () => {
    expect(extremes.make({ predictions: predictions(10, 5) }, null as never)).toEqual({
      worst: [9, 8, 7, 6],
      best: [0, 1, 2, 3],
    });
    expect(extremes.make({ predictions: predictions(1, 1) }, null as never)).toEqual({
      worst: [0],
      best: [],
    });
  });
});
