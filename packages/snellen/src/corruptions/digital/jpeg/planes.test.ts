// Oracle: JFIF's formulas in floating point, and what must stay.
import { describe, expect, it } from "vitest";
import { noisePicture, plainPicture } from "../../test-support/pictures.ts";
import { fromPlanes, toPlanes } from "./planes.ts";

describe.each([
  [32, 32],
  [33, 47],
  [46, 35],
])("%i × %i", (width, height) => {
  it("keeps greys", () => {
    const grey = noisePicture(width, height);
    for (let i = 0; i < grey.data.length; i += 3) grey.data.fill(grey.data[i]!, i, i + 3);
    expect(fromPlanes(toPlanes(grey), width, height)).toEqual(grey.data);
  });

  it("keeps one colour to a rounding", () => {
    const colour = [200, 40, 90];
    const made = fromPlanes(toPlanes(plainPicture(width, height, colour)), width, height);
    for (const [i, value] of made.entries()) expect(Math.abs(value - colour[i % 3]!)).toBeLessThanOrEqual(2);
  });

  it("has JFIF's luma everywhere and its chroma on average, edges repeated", () => {
    const { data } = noisePicture(width, height);
    const { luma, blue } = toPlanes({ width, height, data });
    expect([luma.width % 16, luma.height % 16, blue.width * 2, blue.height * 2]).toEqual([
      0,
      0,
      luma.width,
      luma.height,
    ]);
    const at = (x: number, y: number, weights: readonly number[]) => {
      const from = 3 * (Math.min(y, height - 1) * width + Math.min(x, width - 1));
      return weights.reduce((sum, weight, c) => sum + weight * data[from + c]!, 0);
    };
    for (let y = 0; y < luma.height; y++)
      for (let x = 0; x < luma.width; x++)
        expect(Math.abs(luma.data[y * luma.width + x]! - at(x, y, [0.299, 0.587, 0.114]))).toBeLessThan(
          0.501,
        );
    const chroma = [-0.168736, -0.331264, 0.5];
    for (let y = 0; y < Math.ceil(height / 2); y++)
      for (let x = 0; x < blue.width; x++) {
        const four = [0, 1].flatMap((dy) => [0, 1].map((dx) => at(2 * x + dx, 2 * y + dy, chroma)));
        const mean = 128 + four.reduce((a, b) => a + b) / 4;
        // each of the four is rounded, and their mean again
        expect(Math.abs(blue.data[y * blue.width + x]! - mean)).toBeLessThan(1.01);
      }
  });
});
