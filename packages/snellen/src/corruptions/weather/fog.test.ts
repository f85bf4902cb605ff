// Oracle: pictures and statistics of the `imagecorruptions` package.
import { expect, it } from "vitest";
import { randomStream } from "../../random.ts";
import { equalsReference, matchesDistribution } from "../test-support/reference.ts";
import { fog } from "./fog.ts";

equalsReference(fog, ({ array }) => array("plasma_crop"));
matchesDistribution(fog);

it.each([
  [32, 32],
  [33, 47],
  [300, 40],
])("draws clouds from 0 to 1 for %i × %i, the same twice", (width, height) => {
  const picture = { width, height, data: new Uint8Array(width * height * 3) };
  const clouds = () => fog.draw!(randomStream(5), picture, fog.levels[2]);
  expect(clouds()).toHaveLength(width * height);
  expect(clouds().every((value) => value >= 0 && value <= 1)).toBe(true);
  expect(clouds()).toEqual(clouds());
});

it("keeps the brightest at its brightness where fog is thickest, and black black", () => {
  const data = Uint8Array.from({ length: 32 * 32 * 3 }, (_, i) => (i < 3 ? 200 : 40));
  const clouds = new Float32Array(32 * 32).fill(1);
  // (200 + 255 · 1.5) · 200 / (200 + 255 · 1.5)
  expect(fog.apply({ width: 32, height: 32, data }, fog.levels[0], clouds)[0]).toBe(200);
  const black = new Uint8Array(data.length);
  expect(fog.apply({ width: 32, height: 32, data: black }, fog.levels[0], clouds)).toEqual(black);
});
