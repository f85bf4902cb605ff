// Oracles: outcomes written by hand and their means; SciPy's t interval (scipy.stats.t.interval); 3 / n where all are alike.
import { describe, expect, it } from "vitest";
import { CLEAN } from "../condition.ts";
import { createObservations, type Observations } from "../observations.ts";
import { errorSeries, lossDifference, lossKind, lossSeries, meanLoss, shareDifference } from "./losses.ts";

/** Classes predicted by condition, one an image; the true class is 1, or unknown. */
function outcomes(predicted: Readonly<Record<string, readonly number[]>>, isLabelled = true): Observations {
  const model = { name: "m", outcome: "class", classes: 3 } as const;
  const observations = createObservations([model], Object.keys(predicted), 4);
  for (const [key, classes] of Object.entries(predicted))
    observations.record(
      "m",
      key,
      classes.map((own, image) => ({
        image,
        predicted: own,
        confidence: 0.5,
        rank: isLabelled ? Number(own !== 1) : -1,
      })),
    );
  return observations;
}

const SCIPY_HALF = 0.2709225;

describe("losses", () => {
  const shown = { [CLEAN]: [1, 1, 2, 2], "fog/3": [1, 2, 2, 1], "fog/5": [0, 2, 0, 2] };

  it("are what conditions add to the error of the clean picture, each image's mean over them", () => {
    const given = outcomes(shown);
    expect(lossKind(given, "m")).toBe("accuracy");
    expect([...lossSeries(given, "m", ["fog/3", "fog/5"], "accuracy")]).toEqual([0.5, 1, 0, -0.5]);
    expect([...errorSeries(given, "m", ["fog/3", "fog/5"])]).toEqual([0.5, 1, 1, 0.5]);
  });

  it("are without labels how often the prediction changes", () => {
    const given = outcomes(shown, false);
    expect(lossKind(given, "m")).toBe("agreement");
    expect([...lossSeries(given, "m", ["fog/3", "fog/5"], "agreement")]).toEqual([0.5, 1, 0.5, 0.5]);
  });

  it("lack the images whose outcomes are not all there", () => {
    const given = outcomes({ ...shown, "fog/5": [0, 2] });
    const series = lossSeries(given, "m", ["fog/3", "fog/5"], "accuracy");
    expect([...series].map(Number.isNaN)).toEqual([false, false, true, true]);
    expect(meanLoss(series, "accuracy")).toMatchObject({ value: 0.75, n: 2, low: null });
  });

  it("have the interval of a mean", () => {
    // scipy.stats.t.interval(0.95, 11, loc=a.mean(), scale=scipy.stats.sem(a)), a = [0, 1, 0.5] * 4
    const { value, low, high, n } = meanLoss(
      Float64Array.from({ length: 12 }, (_, i) => [0, 1, 0.5][i % 3] ?? 0),
      "accuracy",
    );
    expect([value, n]).toEqual([0.5, 12]);
    expect(low).toBeCloseTo(0.5 - SCIPY_HALF, 4);
    expect(high).toBeCloseTo(0.5 + SCIPY_HALF, 4);
  });

  it("that are all alike leave room for three images in as many as there are", () => {
    const zero = new Float64Array(30);
    expect(meanLoss(zero, "accuracy")).toEqual({ value: 0, low: -0.1, high: 0.1, n: 30 });
    // no fewer predictions can change than none
    expect(meanLoss(zero, "agreement")).toEqual({ value: 0, low: 0, high: 0.1, n: 30 });
    expect(lossDifference(zero, zero, "accuracy")).toEqual({ value: 0, low: -0.2, high: 0.2, n: 30 });
    expect(lossDifference(zero, zero, "agreement")).toEqual({ value: 0, low: -0.1, high: 0.1, n: 30 });
    expect(shareDifference(zero, zero)).toEqual({ value: 0, low: -0.1, high: 0.1, n: 30 });
    expect(meanLoss(new Float64Array(9), "accuracy")).toEqual({ value: 0, low: null, high: null, n: 9 });
    expect(meanLoss(new Float64Array(3).fill(Number.NaN), "accuracy")).toEqual({
      value: null,
      low: null,
      high: null,
      n: 0,
    });
  });

  it("are paired: what moves both alike widens no interval", () => {
    const first = Float64Array.from({ length: 40 }, (_, i) => i % 2);
    const second = first.map((v, i) => v - (i % 4 < 2 ? 0.1 : 0.3));
    const { value, low, high } = lossDifference(first, second, "accuracy");
    expect(value).toBeCloseTo(0.2, 9);
    // the spread of 0.1 and 0.3 alone: 0.1 · t(39) / sqrt(39)
    expect((high as number) - (low as number)).toBeCloseTo((2 * 0.1 * 2.02269) / Math.sqrt(39), 4);
  });
});
