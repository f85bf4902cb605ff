// Oracle: pictures of the `imagecorruptions` package.
import { expect, it } from "vitest";
import { corruptPixels } from "../corrupt.ts";
import { equalsReference } from "../test-support/reference.ts";
import { zoomBlur } from "./zoom-blur.ts";

equalsReference(zoomBlur);

const grey = (width: number, height: number) => ({
  width,
  height,
  data: new Uint8Array(width * height * 3).fill(180),
});

it.each([
  [33, 47],
  [32, 300],
  [224, 224],
])("leaves a grey picture of %i × %i as it is", (width, height) => {
  const picture = grey(width, height);
  for (const level of zoomBlur.levels) {
    expect(Buffer.compare(corruptPixels(picture, zoomBlur, level, [1]), picture.data)).toBe(0);
  }
});

it("darkens the last row of 160 at severity 5, where rounding puts it outside of one enlargement", () => {
  const [width, height] = [64, 160];
  const out = corruptPixels(grey(width, height), zoomBlur, zoomBlur.levels[4], [1]);
  expect(new Set(out.subarray(0, 3 * width * (height - 1)))).toEqual(new Set([180]));
  expect(new Set(out.subarray(3 * width * (height - 1)))).toEqual(new Set([(180 * 11) / 12]));
});
