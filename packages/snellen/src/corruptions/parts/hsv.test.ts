// Oracle: Python's `colorsys`.
import { expect, it } from "vitest";
import { hsvToRgb, rgbToHsv } from "./hsv.ts";

const hsvOf = (colour: readonly number[]): Float64Array => {
  const hsv = new Float64Array(3);
  rgbToHsv(Uint8Array.from(colour), 0, hsv);
  return hsv;
};

it.each([
  [
    [255, 0, 0],
    [0, 1, 1],
  ],
  [
    [0, 255, 0],
    [0.333333333333, 1, 1],
  ],
  [
    [12, 200, 255],
    [0.537722908093, 0.952941176471, 1],
  ],
  [
    [200, 17, 90],
    [0.933515482696, 0.915, 0.78431372549],
  ],
  [
    [90, 90, 90],
    [0, 0, 0.352941176471],
  ],
  [
    [0, 0, 0],
    [0, 0, 0],
  ],
  [
    [255, 255, 0],
    [0.166666666667, 1, 1],
  ],
  [
    [250, 10, 250],
    [0.833333333333, 0.96, 0.980392156863],
  ],
])("%j", (colour, expected) => {
  for (const [i, value] of hsvOf(colour).entries()) expect(value).toBeCloseTo(expected[i]!, 11);
});

it("comes back to within the truncation", () => {
  const out = new Uint8Array(3);
  for (let r = 0; r < 256; r += 15)
    for (let g = 0; g < 256; g += 15)
      for (let b = 0; b < 256; b += 15) {
        hsvToRgb(hsvOf([r, g, b]), out, 0);
        for (const [c, value] of [r, g, b].entries()) expect([value, value - 1]).toContain(out[c]);
      }
});

it("takes the end of the circle for its beginning", () => {
  const out = new Uint8Array(3);
  hsvToRgb(Float64Array.of(1, 1, 1), out, 0);
  expect([...out]).toEqual([255, 0, 0]);
});
