// Oracles: scikit-image's structural_similarity and SciPy's spearmanr (tools/reference/measure_values.py), hand literals.
import { describe, expect, it } from "vitest";
import { recorded } from "../measures/test-support/evidence.ts";
import { similarity } from "./map-similarity.ts";

const { maps, spearman, ssim } = recorded.statistics;
const grid = (values: number[], dims: readonly [number, number] = [16, 20]) => ({
  values: Float32Array.from(values),
  dims,
});

describe("similarity", () => {
  it("is scikit-image's and SciPy's", () => {
    const found = similarity(grid(maps[0]), grid(maps[1]));
    expect(found.ssim).toBeCloseTo(ssim, 6);
    expect(found.rankCorrelation).toBeCloseTo(spearman, 10);
  });

  it("is one for a map and itself at another scale, and for ranks under every increasing function", () => {
    const scaled = similarity(grid(maps[0]), grid(maps[0].map((v: number) => 3 * v + 2)));
    expect(scaled.rankCorrelation).toBeCloseTo(1, 12);
    expect(scaled.ssim).toBeCloseTo(1, 5);
    expect(similarity(grid(maps[0]), grid(maps[0].map(Math.exp))).rankCorrelation).toBeCloseTo(1, 6);
    expect(similarity(grid(maps[0]), grid(maps[0].map((v: number) => -v))).rankCorrelation).toBeCloseTo(
      -1,
      12,
    );
  });

  it("has no rank correlation with a map that is the same everywhere", () => {
    const flat = similarity(grid([1, 2, 3, 4], [2, 2]), grid([5, 5, 5, 5], [2, 2]));
    expect(flat.rankCorrelation).toBeUndefined();
    expect(Number.isFinite(flat.ssim)).toBe(true);
  });

  it("refuses maps of different sizes", () => {
    expect(() => similarity(grid([1, 2], [1, 2]), grid([1, 2], [2, 1]))).toThrow(
      expect.objectContaining({ code: "different-map-sizes" }),
    );
  });
});
