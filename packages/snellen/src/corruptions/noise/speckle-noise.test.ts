// Oracle: pictures and statistics of the `imagecorruptions` package.
import { expect, it } from "vitest";
import { corruptPixels } from "../corrupt.ts";
import { equalsReference, matchesDistribution } from "../test-support/reference.ts";
import { speckleNoise } from "./speckle-noise.ts";

equalsReference(speckleNoise, ({ array }) => array("z"));
matchesDistribution(speckleNoise);

it("leaves black as it is", () => {
  const black = { width: 33, height: 47, data: new Uint8Array(33 * 47 * 3) };
  expect(corruptPixels(black, speckleNoise, 0.6, [1])).toEqual(black.data);
});
