// Lines of equal value on the pixel grid: the outermost pixels inside are white, their neighbours outside black, so that a line
// shows on any background. Pixels, not curves: they stay crisp at any size of picture.
import type { Grid } from "../cam/cam-map.ts";
import type { Picture } from "./overlay.ts";

/**
 * Draws where a map passes a level, into the picture itself: on pixels at or above it that touch one below (white), and on those
 * below that touch one above (black). The picture's edge is no line. A level of 0 or less draws nothing.
 * @param map [H, W] of the picture's size
 * @param signed compares magnitudes
 */
export function drawContour(
  { width, height, data }: Picture,
  { values }: Grid,
  level: number,
  signed = false,
): void {
  if (!(level > 0)) return;
  const inside = new Uint8Array(values.length);
  for (let i = 0; i < values.length; i++) {
    const v = values[i] as number;
    if ((signed ? Math.abs(v) : v) >= level) inside[i] = 1;
  }
  for (let y = 0; y < height; y++) {
    for (let x = 0; x < width; x++) {
      const i = y * width + x;
      const own = inside[i];
      const onLine =
        (x > 0 && inside[i - 1] !== own) ||
        (x < width - 1 && inside[i + 1] !== own) ||
        (y > 0 && inside[i - width] !== own) ||
        (y < height - 1 && inside[i + width] !== own);
      if (onLine) data.fill(own === 1 ? 255 : 0, 3 * i, 3 * i + 3);
    }
  }
}
