// Oracles: SciPy (scipy.stats.binomtest(k, n).proportion_ci(method="wilson")); closed forms (Wilson's interval, Student's t, the mean of numbers), leaving images out one by one, and the truth that
// simulated images are drawn from: intervals must cover it in about 95 of 100 cases.
import { describe, expect, it } from "vitest";
import { randomStream } from "../../random.ts";
import {
  type Estimate,
  estimateOf,
  mapEstimate,
  meanEstimate,
  meanRatio,
  shareEstimate,
  wilson,
} from "./estimates.ts";

const all = (n: number) => Int32Array.from({ length: n }, (_, i) => i);
const at = (values: ArrayLike<number>) => (i: number) => values[i] as number;

describe("wilson", () => {
  it.each([
    [0, 10, 0, 0.2775],
    [5, 10, 0.2366, 0.7634],
    [10, 10, 0.7225, 1],
    [57, 60, 0.863, 0.9829],
    [81, 263, 0.2553, 0.3662],
  ])("%i of %i have the 95 %% interval %f to %f", (successes, n, low, high) => {
    const [a, b] = wilson(successes, n);
    expect(a).toBeCloseTo(low, 3);
    expect(b).toBeCloseTo(high, 3);
  });
});

describe("shareEstimate", () => {
  it.each([
    [0, 12],
    [12, 12],
    [3, 40],
    [25, 50],
  ])("is Wilson's interval where %i of %i are right", (right, n) => {
    const [low, high] = wilson(right, n);
    const { value, ...found } = shareEstimate(all(n), (i) => Number(i < right));
    expect(value).toBeCloseTo(right / n, 12);
    expect(found.low).toBeCloseTo(low, 9);
    expect(found.high).toBeCloseTo(high, 9);
    expect(found.n).toBe(n);
  });

  it("is narrower where images vary less than yes and no, and knows nothing of no images", () => {
    const width = ({ low, high }: Estimate) => (high ?? 0) - (low ?? 0);
    const halves = shareEstimate(all(50), (i) => (i % 2 === 0 ? 0.4 : 0.6));
    const whole = shareEstimate(all(50), (i) => i % 2);
    // a fifth of the deviation, a fifth of the width
    expect(width(halves) / width(whole)).toBeGreaterThan(0.19);
    expect(width(halves) / width(whole)).toBeLessThan(0.22);
    expect(shareEstimate(all(0), () => 1)).toEqual({ value: null, low: null, high: null, n: 0 });
  });
});

describe("mapEstimate", () => {
  it("turns the interval round where the map falls", () => {
    const turned = mapEstimate({ value: 0.25, low: 0.125, high: 0.5, n: 4 }, (v) => 1 - v);
    expect(turned).toEqual({ value: 0.75, low: 0.5, high: 0.875, n: 4 });
  });
});

describe("estimateOf", () => {
  // t at 97.5 %: 2.2622 for 9 degrees of freedom, 2.0452 for 29 (R: qt(0.975, c(9, 29)))
  it.each([
    [10, 2.26216],
    [30, 2.04523],
  ])("is Student's interval of a mean of %i numbers", (n, t) => {
    const values = Array.from({ length: n }, (_, i) => (i * 7) % 11);
    const mean = values.reduce((sum, v) => sum + v, 0) / n;
    const deviation = Math.sqrt(values.reduce((sum, v) => sum + (v - mean) ** 2, 0) / (n - 1));
    const found = estimateOf(meanRatio(all(n), [{ top: at(values), bottom: 1 }])!);
    expect(found.value).toBeCloseTo(mean, 12);
    expect((found.high! - found.low!) / 2).toBeCloseTo((t * deviation) / Math.sqrt(n), 3);
  });

  it("has no interval for fewer than ten images, or where all are alike and nothing bounds others", () => {
    const of = (n: number, value: (i: number) => number, least?: number) =>
      estimateOf(meanRatio(all(n), [{ top: value, bottom: 0.5 }])!, least);
    expect(of(9, (i) => i % 2)).toMatchObject({ low: null, high: null, n: 9 });
    expect(of(30, () => 1)).toEqual({ value: 2, low: null, high: null, n: 30 });
    expect(of(30, () => 1, 0)).toEqual({ value: 2, low: null, high: null, n: 30 });
    expect(meanEstimate(all(9), () => 1, 0, 1)).toEqual({ value: 1, low: null, high: null, n: 9 });
  });

  // of 30 zeros, three that may be −1 or 1 leave a mean of ∓0.1
  it.each([
    [0, -1, 1, -0.1, 0.1],
    [0, 0, 1, 0, 0.1],
    [1, -1, 1, 0.8, 1],
    [0.5, 0, 2, 0.45, 0.65],
  ])(
    "leaves room for three of 30 images that are all %f, between %f and %f",
    (value, least, most, low, high) => {
      const found = meanEstimate(all(30), () => value, least, most);
      expect(found).toMatchObject({ value, n: 30 });
      expect([found.low, found.high]).toEqual([expect.closeTo(low, 9), expect.closeTo(high, 9)]);
    },
  );

  it("does not reach beyond what is possible", () => {
    const { low, high } = meanEstimate(all(20), (i) => Number(i > 0), 0, 1);
    expect([high, (low ?? 1) < 0.9]).toEqual([1, true]);
  });
});

describe("a ratio whose bottom may well be zero", () => {
  // 1 of 40: 0.025, its standard error 0.025; 8 of 40: 0.2 and 0.064
  it.each([
    [1, false],
    [8, true],
  ])("with %i of 40 images wrong has an interval: %s", (wrong, has) => {
    const ratio = { top: (i: number) => Number(i < 20), bottom: (i: number) => Number(i >= 40 - wrong) };
    const { value, low } = estimateOf(meanRatio(all(40), [ratio])!);
    expect(value).toBeCloseTo(20 / wrong, 9);
    expect(low !== null).toBe(has);
  });
});

describe("meanRatio", () => {
  const random = randomStream(1);
  const series = Array.from({ length: 4 }, () =>
    Float64Array.from({ length: 200 }, () => random.integer(0, 5) / 5),
  );
  const ratios = [
    { top: at(series[0]!), bottom: at(series[1]!) },
    { top: at(series[2]!), bottom: at(series[3]!) },
    { top: at(series[3]!), bottom: 0.7 },
  ];

  it("is the mean of the ratios; each influence what leaving the image out does, times n − 1, to second order", () => {
    const { value, influence } = meanRatio(all(200), ratios)!;
    const means = series.map((own) => own.reduce((sum, v) => sum + v, 0) / 200);
    expect(value).toBeCloseTo((means[0]! / means[1]! + means[2]! / means[3]! + means[3]! / 0.7) / 3, 12);
    for (const image of [0, 57, 199]) {
      const without = meanRatio(
        all(200).filter((i) => i !== image),
        ratios,
      )!.value;
      expect(Math.abs(199 * (value - without) - influence[image]!)).toBeLessThan(0.02);
    }
    expect(influence.reduce((sum, v) => sum + v, 0)).toBeCloseTo(0, 9);
  });

  it("has no value where a bottom is zero or below, or without images", () => {
    expect(meanRatio(all(5), [{ top: () => 1, bottom: () => 0 }])).toBeUndefined();
    expect(meanRatio(all(5), [{ top: () => 1, bottom: -0.1 }])).toBeUndefined();
    expect(meanRatio(all(0), ratios)).toBeUndefined();
  });
});

describe("how often an interval covers the truth", () => {
  /** Three corruptions' errors over five severities of an image, for a model and a better one; hard images are hard for both. */
  function drawImages(n: number, seed: number): Float64Array[] {
    const random = randomStream(seed);
    const errors = Array.from({ length: 6 }, () => new Float64Array(n));
    for (let i = 0; i < n; i++) {
      const hard = random.uniform(-2, 2);
      for (let k = 0; k < 6; k++)
        for (let s = 1; s <= 5; s++) {
          const chance = 1 / (1 + Math.exp(-(hard + 0.5 * s - 2 - 0.4 * (k % 3) - (k < 3 ? 0 : 0.8))));
          if (random.uniform(0, 1) < chance) (errors[k]![i] as number) += 0.2;
        }
    }
    return errors;
  }

  const figures: Record<string, (e: Float64Array[], n: number) => Estimate> = {
    share: (e, n) => shareEstimate(all(n), (i) => (e[0]![i]! + e[1]![i]! + e[2]![i]!) / 3),
    "mean over known references": (e, n) =>
      estimateOf(
        meanRatio(
          all(n),
          [0, 1, 2].map((k) => ({ top: at(e[k]!), bottom: 0.8 - 0.1 * k })),
        )!,
      ),
    "mean over another model": (e, n) =>
      estimateOf(
        meanRatio(
          all(n),
          [0, 1, 2].map((k) => ({ top: at(e[k]!), bottom: at(e[k + 3]!) })),
        )!,
      ),
    "paired difference": (e, n) =>
      estimateOf(meanRatio(all(n), [{ top: (i) => e[0]![i]! - e[3]![i]!, bottom: 1 }])!),
  };
  const many = drawImages(200_000, 1);

  // 600 sets: 95 % cover with a standard error of 0.9 %
  it.each([20, 120])("lies between 92.5 and 97.5 percent from %i images", (n) => {
    const sets = Array.from({ length: 600 }, (_, set) => drawImages(n, 100 + set));
    for (const [name, of] of Object.entries(figures)) {
      const truth = of(many, 200_000).value!;
      const covered = sets.filter((set) => {
        const { low, high } = of(set, n);
        return low! <= truth && truth <= high!;
      });
      expect(covered.length / sets.length, name).toBeGreaterThan(0.925);
      expect(covered.length / sets.length, name).toBeLessThan(0.975);
    }
  });
});
