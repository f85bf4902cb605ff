// Oracle: ImageNet's published constants, and that the same pixels stand for nothing wherever the normalization happens.
import { expect, it } from "vitest";
import { createPreprocessSpec } from "../../images/preprocess-spec.ts";
import { inputUnits } from "./input-units.ts";

const size = [8, 8] as const;

it("is zero and 0.01 for ImageNet's normalization", () => {
  const { baseline, noise } = inputUnits(createPreprocessSpec({ size, preset: "imagenet" }));
  expect(baseline).toEqual([0, 0, 0]);
  for (const v of noise) expect(v).toBeCloseTo(0.01, 3);
});

it.each([
  ["0..1", 0.5, 1],
  ["0..255", 127.5, 255],
  ["-1..1", 0, 2],
] as const)("is the middle of what pixels can be for raw %s", (range, middle, width) => {
  const { baseline, noise } = inputUnits(createPreprocessSpec({ size, range }));
  expect(baseline).toEqual([middle, middle, middle]);
  for (const v of noise) expect(v).toBeCloseTo(0.00225 * width, 10);
});

it("is in bytes for a uint8 input", () => {
  expect(inputUnits(createPreprocessSpec({ size, dtype: "uint8" })).baseline).toEqual([127.5, 127.5, 127.5]);
});
