// Oracle: numpy.percentile's definition by hand, and the noise's own standard deviation.
import { describe, expect, it } from "vitest";
import { evidenceOf } from "../test-support/evidence.ts";
import { keptCount, roadLeastRelevant, roadMostRelevant } from "./road.ts";

const n = 40;
const dims = [n, n] as const;
const map = Float32Array.from({ length: n * n }, (_, i) => ((i * 7919) % (n * n)) + 1);
const flat = new Float32Array(2 * n * n).fill(3);
const units = { baseline: [0, 0], noise: [0.01, 0.5] };

const deviation = (values: Float32Array): number => {
  const mean = values.reduce((s, v) => s + v, 0) / values.length;
  return Math.sqrt(values.reduce((s, v) => s + (v - mean) ** 2, 0) / values.length);
};

describe("ROAD's pictures", () => {
  it("keep as many pixels as lie below numpy's percentile", () => {
    // percentile 20 of 0..5 is 1: one value lies below; 40 of 0..6 is 2.4: three do.
    expect([keptCount(6, 20), keptCount(7, 40), keptCount(1, 20)]).toEqual([1, 3, 1]);
  });

  it.each([
    ["most", roadMostRelevant],
    ["least", roadLeastRelevant],
  ] as const)(
    "replace the %s relevant and nothing else, with each channel's noise",
    (which, perturbation) => {
      const { subject } = evidenceOf({ map, dims, input: flat, units });
      const pictures = [...perturbation.inputs(subject)];
      pictures.forEach((picture, k) => {
        const keep = keptCount(n * n, [20, 40, 60, 80][k] as number);
        const isKept = (v: number) => (which === "most" ? v <= keep : v > n * n - keep);
        const gone = [...map.keys()].filter((i) => !isKept(map[i] as number));
        map.forEach((v, i) => {
          if (isKept(v)) expect(picture[i]).toBe(3);
        });
        // 320 to 1280 draws: a deviation within 15 % is certain enough, and the seed is fixed.
        const noise = (first: number) =>
          deviation(Float32Array.from(gone, (i) => picture[first + i] as number));
        expect(noise(0) / 0.01).toBeCloseTo(1, 0.5);
        expect(noise(n * n) / 0.5).toBeCloseTo(1, 0.5);
      });
      expect(pictures.length).toBe(4);
    },
  );

  it("are the same for the same seed and others for another", () => {
    const first = (seed: number) =>
      [...roadMostRelevant.inputs(evidenceOf({ map, dims, input: flat, units, seed }).subject)][0];
    expect(first(4)).toEqual(first(4));
    expect(first(4)).not.toEqual(first(5));
  });
});
