// Oracles: SciPy's bootstrap and permutation_test (tools/reference/measure_values.py), counting by hand, and coverage.
import { describe, expect, it } from "vitest";
import { randomStream } from "../../random.ts";
import { normals } from "./normals.ts";
import { bootstrapInterval, lowOfBest, pairedDifference, summarize } from "./statistics.ts";
import { recorded } from "./test-support/evidence.ts";

const { first, second, pOfEight, pOfForty, interval } = recorded.statistics;

describe("bootstrapInterval", () => {
  it("is SciPy's percentile interval", () => {
    // Ends of 2,000 resamples scatter by about 0.01 around those of 100,000 (standard error of the mean: 0.16).
    bootstrapInterval(first)?.forEach((end, i) => {
      expect(Math.abs(end - interval[i])).toBeLessThan(0.03);
    });
    expect(bootstrapInterval(first)).toEqual(bootstrapInterval(first));
    expect(bootstrapInterval([3])).toBeUndefined();
    expect(bootstrapInterval([3, 3, 3])).toEqual([3, 3]);
  });

  it("covers the true mean about as often as it says", () => {
    const normal = normals(randomStream(11));
    const trials = 300;
    let covered = 0;
    for (let t = 0; t < trials; t++) {
      const values = Array.from({ length: 40 }, () => 2 + normal());
      const [low, high] = bootstrapInterval(values, { seed: t, resamples: 400 }) as [number, number];
      if (low <= 2 && 2 <= high) covered += 1;
    }
    // Percentile intervals of 40 values cover some 93.5 %; the count's standard deviation is 1.4 %.
    expect(covered / trials).toBeGreaterThan(0.895);
    expect(covered / trials).toBeLessThan(0.98);
  });
});

describe("pairedDifference", () => {
  it("counts sign patterns: three differences of one sign are a chance of 2 in 8", () => {
    expect(pairedDifference([2, 3, 4], [1, 1, 1])).toMatchObject({ count: 3, mean: 2, p: 0.25 });
    expect(pairedDifference([1, 1], [1, 1]).p).toBe(1);
  });

  it("is SciPy's permutation test, exact and drawn", () => {
    expect(pairedDifference(first.slice(0, 8), second.slice(0, 8)).p).toBeCloseTo(pOfEight, 12);
    // p is about 0.006: 10,000 draws scatter by 0.0008.
    expect(Math.abs((pairedDifference(first, second).p ?? 1) - pOfForty)).toBeLessThan(0.0025);
  });

  it("leaves out images that lack a value", () => {
    expect(pairedDifference([1, undefined, 5], [0, 1, undefined])).toEqual({
      count: 1,
      mean: 1,
      interval: undefined,
      p: 1,
    });
    expect(pairedDifference([undefined], [1])).toMatchObject({ count: 0, mean: undefined, p: undefined });
    expect(summarize([undefined, 2, 4])).toMatchObject({ count: 2, mean: 3 });
  });
});

describe("lowOfBest", () => {
  // Oracle: quantiles of the normal distribution from tables, z(0.975) = 1.95996, z(0.9975) = 2.80703, z(0.9995) = 3.29053.
  it.each([
    [1, 1.95996],
    [10, 2.80703],
    [50, 3.29053],
  ])("of %s means lies %s deviations below the mean", (several, deviations) => {
    expect(lowOfBest(5, [5 - 1.95996, 6], several)).toBeCloseTo(5 - deviations, 3);
  });
});
