// Oracle: pictures and statistics of the `imagecorruptions` package.
import { expect, it } from "vitest";
import { equalsReference, matchesDistribution } from "../test-support/reference.ts";
import { motionBlur } from "./motion-blur.ts";

equalsReference(motionBlur, ({ number }) => number("angle_deg"));
matchesDistribution(motionBlur);

const [level] = motionBlur.levels;

it.each([
  [33, 47],
  [300, 32],
  [32, 300],
])("leaves a grey picture of %i × %i as it is", (width, height) => {
  const data = new Uint8Array(width * height * 3).fill(93);
  for (const degrees of [-45, 0, 17.3, 45]) {
    expect(Buffer.compare(motionBlur.apply({ width, height, data }, level, degrees), data)).toBe(0);
  }
});

it("drags what is at the right to the left", () => {
  const [width, height] = [64, 32];
  const data = Uint8Array.from({ length: width * height * 3 }, (_, i) =>
    Math.floor(i / 3) % width >= 40 ? 200 : 0,
  );
  const out = motionBlur.apply({ width, height, data }, level, 0);
  const red = Array.from({ length: width }, (_, x) => out[3 * x]!);
  expect(red.slice(0, 20)).toEqual(new Array(20).fill(0));
  expect(red.slice(40)).toEqual(new Array(24).fill(200));
  expect(red[39]).toBeGreaterThan(100);
  expect(red.toSorted((a, b) => a - b)).toEqual(red);
});

it("darkens a picture that the streak reaches out of", () => {
  const data = new Uint8Array(32 * 32 * 3).fill(200);
  const out = motionBlur.apply({ width: 32, height: 32, data }, { radius: 20, sigma: 15 }, 0);
  // one half of a Gaussian over 41 shifts, of which 32 lie inside
  const weights = Array.from({ length: 41 }, (_, i) => Math.exp(-(i ** 2) / 450));
  const share = weights.slice(0, 32).reduce((a, b) => a + b) / weights.reduce((a, b) => a + b);
  expect(new Set(out)).toEqual(new Set([Math.floor(200 * share)]));
});
