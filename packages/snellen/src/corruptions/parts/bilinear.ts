// Bilinear samples of an RGB picture at displaced positions; beyond the border the picture is mirrored about its edge (`reflect`).
import type { Pixels } from "../corruption.ts";
import { borderIndex } from "./borders.ts";
import { toByte } from "./bytes.ts";

/**
 * The picture whose pixel (x, y) is the given one's at (x + dx, y + dy), cut off to bytes.
 * @param dx,dy in pixels, one for each pixel
 */
export function displace({ width, height, data }: Pixels, dx: Float32Array, dy: Float32Array): Uint8Array {
  const out = new Uint8Array(data.length);
  for (let y = 0, i = 0; y < height; y++) {
    for (let x = 0; x < width; x++, i++) {
      const atX = x + dx[i]!;
      const atY = y + dy[i]!;
      let left = Math.floor(atX);
      let top = Math.floor(atY);
      const right = atX - left;
      const low = atY - top;
      let stepX = 3;
      let stepY = 3 * width;
      if (left < 0 || left >= width - 1) {
        const next = borderIndex("reflect", left + 1, width);
        left = borderIndex("reflect", left, width);
        stepX = 3 * (next - left);
      }
      if (top < 0 || top >= height - 1) {
        const next = borderIndex("reflect", top + 1, height);
        top = borderIndex("reflect", top, height);
        stepY = 3 * width * (next - top);
      }
      const from = 3 * (top * width + left);
      for (let c = from, to = 3 * i; c < from + 3; c++, to++) {
        const upper = data[c]! + right * (data[c + stepX]! - data[c]!);
        const lower = data[c + stepY]! + right * (data[c + stepX + stepY]! - data[c + stepY]!);
        out[to] = toByte(upper + low * (lower - upper));
      }
    }
  }
  return out;
}
