// Oracles: SciPy's `gaussian_filter` on a small array, the closed form of an impulse's response, and a plain double sum.
import { describe, expect, it } from "vitest";
import { randomStream } from "../../random.ts";
import { noisePicture, plainPicture } from "../test-support/pictures.ts";
import { type Border, borderIndex } from "./borders.ts";
import { blurField, blurPixels, type GaussianOptions, gaussianTaps } from "./gaussian.ts";

const size = { width: 5, height: 4 };
const small = Float32Array.of(3, 1, 4, 1, 5, 9, 2, 6, 5, 3, 5, 8, 9, 7, 9, 3, 2, 3, 8, 4);

describe("as SciPy", () => {
  const sigma = { down: 0.8, along: 1.1 };
  it.each<[string, GaussianOptions, number[]]>([
    ["nearest", { sigma }, [3.676202, 3.188365, 5.609086, 5.01313, 3.631464, 5.67609]],
    ["reflect", { sigma, border: "reflect" }, [3.55774, 3.228941, 5.375799, 4.984983, 3.704643, 5.918795]],
    ["mirror", { sigma, border: "reflect101" }, [3.731457, 3.692293, 4.839375, 4.839836, 4.740573, 6.7199]],
    [
      "reflect, truncated at 3",
      { sigma: 1, border: "reflect", truncate: 3 },
      [3.939561, 3.478569, 5.088016, 4.728114, 3.967097, 6.004615],
    ],
  ])("%s", (_, options, expected) => {
    const made = blurField(small, size, options);
    const some = [0, 1, 5, 6, 15, 19].map((i) => made[i]!);
    // single precision of values below 10
    for (const [i, value] of expected.entries()) expect(Math.abs(some[i]! - value)).toBeLessThan(2e-6);
  });
});

it("has SciPy's radii", () =>
  expect([1, 2, 3, 4, 6, 0.7, 0.9, 1.1, 1.5].map((s) => (gaussianTaps(s).length - 1) / 2)).toEqual([
    4, 8, 12, 16, 24, 3, 4, 4, 6,
  ]));

/** The definition, tap by tap. */
function plainSum(data: Float32Array, width: number, height: number, sigma: number, border: Border) {
  const taps = gaussianTaps(sigma);
  const radius = (taps.length - 1) / 2;
  const pass = (values: Float64Array, at: (x: number, y: number, k: number) => number) =>
    values.map((_, i) => {
      let sum = 0;
      for (const [k, tap] of taps.entries())
        sum += tap * values[at(i % width, Math.floor(i / width), k - radius)]!;
      return sum;
    });
  const down = pass(Float64Array.from(data), (x, y, k) => borderIndex(border, y + k, height) * width + x);
  return pass(down, (x, y, k) => y * width + borderIndex(border, x + k, width));
}

describe.each([1, 2.9, 3, 5, 6, 9])("standard deviation %f", (sigma) => {
  const [width, height] = [61, 83];
  const field = randomStream(3).uniforms(width * height);
  const largest = (made: Float32Array, expected: Float64Array): number =>
    made.reduce((most, value, i) => Math.max(most, Math.abs(value - expected[i]!)), 0);

  it.each(["nearest", "reflect101"] as const)("is the plain sum (%s)", (border) => {
    const expected = plainSum(field, width, height, sigma, border);
    const made = blurField(field, { width, height }, { sigma, border });
    expect(largest(made, expected)).toBeLessThan(2e-6);
  });
});

it("answers an impulse by a Gaussian", () => {
  for (const sigma of [1.5, 4, 6]) {
    const n = 101;
    const impulse = new Float32Array(n * n);
    impulse[50 * n + 50] = 1;
    const made = blurField(impulse, { width: n, height: n }, { sigma });
    const peak = 1 / (2 * Math.PI * sigma ** 2);
    for (let d = 0; d < 20; d++)
      expect(Math.abs(made[50 * n + 50 + d]! - peak * Math.exp(-(d ** 2) / (2 * sigma ** 2)))).toBeLessThan(
        peak * 1e-3,
      );
  }
});

it("keeps one colour, and does not mix channels", () => {
  const plain = plainPicture(40, 33, [7, 128, 255]);
  for (const sigma of [1, 3, 6]) expect(blurPixels(plain, sigma)).toEqual(plain.data);
  const noise = noisePicture(40, 33);
  const redOnly = { ...noise, data: noise.data.map((v, i) => (i % 3 === 0 ? v : 9)) };
  const [all, red] = [blurPixels(noise, 2), blurPixels(redOnly, 2)];
  expect(red.filter((_, i) => i % 3 === 0)).toEqual(all.filter((_, i) => i % 3 === 0));
  expect(new Set(red.filter((_, i) => i % 3 !== 0))).toEqual(new Set([9]));
});
