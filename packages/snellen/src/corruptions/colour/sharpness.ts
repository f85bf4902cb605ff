// Sharpening: what a 3 × 3 smoothing takes away is added, as cameras and editors overdo it.
// Arithmetic: Pillow's `ImageEnhance.Sharpness` beyond 1, with its `SMOOTH` filter; pixels at the border stay.
import { defineCorruption } from "../corruption.ts";
import { requireLevel } from "../parts/level.ts";

/** Thirteenths of the filter's sums, rounded: its weights are 5 in the middle and 1 around. */
const SMOOTH = Uint8Array.from({ length: 13 * 255 + 1 }, (_, sum) => (2 * sum + 13) / 26);

export const sharpness = defineCorruption<number>({
  id: "sharpness",
  family: "colour",
  summary: "sharpens edges until they ring",
  unit: "factor of the difference to the smoothed picture",
  levels: [2, 3, 5, 9, 17],
  apply({ width, height, data }, factor) {
    requireLevel("sharpness", factor, { from: 0, to: 1000 });
    // `blend` of parts/blend.ts, its products taken beforehand
    const products = Float32Array.from({ length: 511 }, (_, i) => Math.fround(factor) * (i - 255));
    const out = new Uint8ClampedArray(data);
    const stride = 3 * width;
    const columns = new Int32Array(stride);
    for (let y = 1; y < height - 1; y++) {
      const row = y * stride;
      for (let i = 0; i < stride; i++)
        columns[i] = data[row - stride + i]! + data[row + i]! + data[row + stride + i]!;
      for (let i = 3; i < stride - 3; i++) {
        const byte = data[row + i]!;
        const smooth = SMOOTH[columns[i - 3]! + columns[i]! + columns[i + 3]! + 4 * byte]!;
        out[row + i] = Math.fround(smooth + products[byte - smooth + 255]!) | 0;
      }
    }
    return new Uint8Array(out.buffer);
  },
});
