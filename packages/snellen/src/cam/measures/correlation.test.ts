// Oracles: SciPy's spearmanr with and without ties (tools/reference/measure_values.py), hand literals.
import { describe, expect, it } from "vitest";
import { pearson, spearman } from "./correlation.ts";
import { recorded } from "./test-support/evidence.ts";

const { ties, spearmanOfTies, maps, spearman: ofMaps } = recorded.statistics;
const numbers = (values: number[]) => Float32Array.from(values);

describe("correlations", () => {
  it("pearson: of a line, its opposite, and a right angle", () => {
    expect(pearson(numbers([1, 2, 3]), numbers([12, 14, 16]))).toBe(1);
    expect(pearson(numbers([1, 2, 3]), numbers([6, 4, 2]))).toBe(-1);
    expect(pearson(numbers([1, 2, 3]), numbers([1, 0, 1]))).toBe(0);
    expect(pearson(numbers([1, 2, 3]), numbers([5, 5, 5]))).toBeUndefined();
  });

  it("spearman: SciPy's", () => {
    expect(spearman(numbers(ties[0]), numbers(ties[1]))).toBeCloseTo(spearmanOfTies, 12);
    expect(spearman(numbers(maps[0]), numbers(maps[1]))).toBeCloseTo(ofMaps, 12);
  });
});
