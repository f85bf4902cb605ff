// A rectangle of a picture under other bytes: what Cutout and random erasing have in common.
import type { Pixels } from "../../corruptions/corruption.ts";

export interface Rectangle {
  readonly left: number;
  readonly top: number;
  /** First column and row behind it. */
  readonly right: number;
  readonly bottom: number;
}

/** The picture with the rectangle's bytes replaced; what of it lies outside of the picture is left out. */
export function covered(
  { width, height, data }: Pixels,
  { left, top, right, bottom }: Rectangle,
  byteOf: (channel: number) => number,
): Pixels {
  const out = data.slice();
  for (let y = Math.max(0, top); y < Math.min(height, bottom); y++) {
    for (let x = Math.max(0, left); x < Math.min(width, right); x++) {
      for (let c = 0; c < 3; c++) out[3 * (y * width + x) + c] = byteOf(c);
    }
  }
  return { width, height, data: out };
}
