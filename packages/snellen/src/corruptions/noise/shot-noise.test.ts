// Oracle: pictures and statistics of the `imagecorruptions` package.
import { expect, it } from "vitest";
import { corruptPixels } from "../corrupt.ts";
import { equalsReference, matchesDistribution } from "../test-support/reference.ts";
import { shotNoise } from "./shot-noise.ts";

equalsReference(shotNoise, ({ array }) => Uint16Array.from(array("counts")));
matchesDistribution(shotNoise);

it("has no more greys than photons allow", () => {
  const ramp = { width: 64, height: 64, data: Uint8Array.from({ length: 64 * 64 * 3 }, (_, i) => i) };
  expect(new Set(corruptPixels(ramp, shotNoise, 3, [1]))).toEqual(new Set([0, 85, 170, 255]));
});
