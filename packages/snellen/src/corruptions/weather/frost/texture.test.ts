// Oracle: means and deviations of the photographs that ImageNet-C blends, over the crops that were recorded.
import { expect, it } from "vitest";
import { FROST_TEXTURES, frostTexture } from "./texture.ts";

const lumaOf = (index: number): Float64Array => {
  const { data } = frostTexture(index);
  return Float64Array.from(
    { length: data.length / 3 },
    (_, i) => 0.299 * data[3 * i]! + 0.587 * data[3 * i + 1]! + 0.114 * data[3 * i + 2]!,
  );
};

const indices = Array.from({ length: FROST_TEXTURES }, (_, index) => index);

it.each(indices)("is as bright and contrasty as the photographs, and bluish: %i", (index) => {
  const luma = lumaOf(index);
  const mean = luma.reduce((a, b) => a + b) / luma.length;
  const deviation = Math.sqrt(luma.reduce((a, v) => a + (v - mean) ** 2, 0) / luma.length);
  // crops of the photographs: 100 to 229 and 9 to 40
  expect(mean).toBeGreaterThan(95);
  expect(mean).toBeLessThan(229);
  expect(deviation).toBeGreaterThan(9);
  expect(deviation).toBeLessThan(42);
  const { data } = frostTexture(index);
  const sums = [0, 0, 0];
  for (let i = 0; i < data.length; i++) sums[i % 3]! += data[i]!;
  expect(sums[2]).toBeGreaterThan(sums[1]!);
  expect(sums[1]).toBeGreaterThan(sums[0]!);
});

it("has fine structure: neighbours differ by several grey levels", () => {
  for (const index of indices) {
    const luma = lumaOf(index);
    const rises = luma.map((value, i) => Math.abs(value - (luma[i + 1] ?? value)));
    const mean = rises.reduce((a, b) => a + b) / rises.length;
    expect(mean).toBeGreaterThan(3);
    expect(mean).toBeLessThan(20);
  }
});

it("gives the same picture whenever it is asked, and another for another index", () => {
  expect(frostTexture(0)).toBe(frostTexture(0));
  expect(Buffer.compare(frostTexture(0).data, frostTexture(1).data)).not.toBe(0);
});
