// Oracle: pictures and statistics of the `imagecorruptions` package.
import { expect, it } from "vitest";
import { corruptPixels } from "../corrupt.ts";
import { equalsReference, matchesDistribution } from "../test-support/reference.ts";
import { snow } from "./snow.ts";

equalsReference(snow, ({ array, number }) => ({ normals: array("z"), degrees: number("angle_deg") }));
matchesDistribution(snow);

it.each([
  [32, 32],
  [33, 47],
  [32, 300],
  [301, 40],
])("snows on %i × %i, the same twice", (width, height) => {
  const picture = { width, height, data: new Uint8Array(width * height * 3).fill(60) };
  for (const level of snow.levels) {
    const out = corruptPixels(picture, snow, level, [1]);
    expect(out).toHaveLength(picture.data.length);
    expect(Buffer.compare(out, corruptPixels(picture, snow, level, [1]))).toBe(0);
    expect(out.every((value) => value > 60)).toBe(true);
  }
});

it("only whitens where no noise is above the threshold", () => {
  const picture = { width: 40, height: 40, data: new Uint8Array(40 * 40 * 3).fill(50) };
  const out = snow.apply(picture, snow.levels[0], { normals: new Float32Array(1600), degrees: -90 });
  // 0.8 · 50 + 0.2 · (1.5 · 50 + 127.5)
  expect(new Set(out)).toEqual(new Set([80]));
});
