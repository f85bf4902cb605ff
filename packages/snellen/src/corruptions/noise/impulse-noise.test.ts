// Oracle: pictures and statistics of the `imagecorruptions` package, and the binomial distribution.
import { expect, it } from "vitest";
import { corruptPixels } from "../corrupt.ts";
import { equalsReference, matchesDistribution } from "../test-support/reference.ts";
import { impulseNoise } from "./impulse-noise.ts";

equalsReference(impulseNoise, ({ array }) => Uint8Array.from(array("mask")));
matchesDistribution(impulseNoise);

const size = 200 * 200;
const grey = { width: 200, height: 200, data: new Uint8Array(3 * size).fill(100) };

/** Within five standard errors of a share of `count` values. */
const expectShare = (share: number, expected: number, count: number) =>
  expect(Math.abs(share - expected)).toBeLessThan(5 * Math.sqrt((expected * (1 - expected)) / count));

it.each(impulseNoise.levels)("sets %f of the values, each on its own, as many to white as to black", (p) => {
  const out = corruptPixels(grey, impulseNoise, p, [3]);
  const isSet = (i: number) => out[i] !== 100;
  const touched = out.filter((value) => value !== 100);
  const pixels = Array.from({ length: size }, (_, i) => isSet(3 * i) || isSet(3 * i + 1) || isSet(3 * i + 2));
  expectShare(touched.length / out.length, p, out.length);
  expectShare(pixels.filter(Boolean).length / size, 1 - (1 - p) ** 3, size);
  expect(new Set(touched)).toEqual(new Set([0, 255]));
  expectShare(touched.filter((value) => value === 255).length / touched.length, 0.5, touched.length);
});
