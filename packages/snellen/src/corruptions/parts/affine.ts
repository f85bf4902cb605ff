// A picture seen through an affine map: bilinear samples, and outside of the picture its mirror image, so that no border appears.
// SciPy's `affine_transform(order=1, mode="reflect")` about the centre.
import type { Pixels } from "../corruption.ts";

/** Where the pixel at (x, y) from the centre is read: at (xx·x + xy·y + dx, yx·x + yy·y + dy) from the centre. */
export interface AffineMap {
  readonly xx: number;
  readonly xy: number;
  readonly yx: number;
  readonly yy: number;
  /** To the right, in pixels. */
  readonly dx?: number;
  /** Downwards, in pixels. */
  readonly dy?: number;
}

/** Rounds; sums that should be a half but for their last digits go up everywhere. */
const HALF = 0.5 + 1e-6;

/** The picture that the map reads, of the same size. */
export function sampleAffine({ width, height, data }: Pixels, map: AffineMap): Uint8Array {
  const { xx, xy, yx, yy, dx = 0, dy = 0 } = map;
  const [cx, cy] = [(width - 1) / 2, (height - 1) / 2];
  const columns = mirrored(width, 3, cx + dx, Math.abs(xx) * cx + Math.abs(xy) * cy);
  const rows = mirrored(height, 3 * width, cy + dy, Math.abs(yx) * cx + Math.abs(yy) * cy);
  const [columnAt, rowAt] = [columns.at, rows.at];
  const out = new Uint8Array(data.length);
  let i = 0;
  for (let y = 0; y < height; y++) {
    const left = cx + dx - columns.least + xy * (y - cy);
    const top = cy + dy - rows.least + yy * (y - cy);
    for (let x = 0; x < width; x++, i += 3) {
      const sx = left + xx * (x - cx);
      const sy = top + yx * (x - cx);
      const column = sx | 0;
      const row = sy | 0;
      const across = sx - column;
      const down = sy - row;
      const a = rowAt[row]! + columnAt[column]!;
      const b = rowAt[row]! + columnAt[column + 1]!;
      const c = rowAt[row + 1]! + columnAt[column]!;
      const d = rowAt[row + 1]! + columnAt[column + 1]!;
      const [wd, wb, wc] = [across * down, across * (1 - down), (1 - across) * down];
      const wa = (1 - across) * (1 - down);
      out[i] = wa * data[a]! + wb * data[b]! + wc * data[c]! + wd * data[d]! + HALF;
      out[i + 1] = wa * data[a + 1]! + wb * data[b + 1]! + wc * data[c + 1]! + wd * data[d + 1]! + HALF;
      out[i + 2] = wa * data[a + 2]! + wb * data[b + 2]! + wc * data[c + 2]! + wd * data[d + 2]! + HALF;
    }
  }
  return out;
}

interface Mirrored {
  /** The coordinate that `at` begins with; whole, so that taking it off changes no fraction. */
  readonly least: number;
  /** Offset in the data of every whole coordinate that is read, mirrored into the picture. */
  readonly at: Int32Array;
}

/** Offsets along an axis of `size` pixels `step` apart, for coordinates at most `reach` away from `centre`. */
function mirrored(size: number, step: number, centre: number, reach: number): Mirrored {
  const least = Math.floor(centre - reach) - 1;
  const at = new Int32Array(Math.ceil(centre + reach) + 3 - least);
  const period = 2 * size;
  for (let k = 0; k < at.length; k++) {
    const folded = (((least + k) % period) + period) % period;
    at[k] = step * (folded < size ? folded : period - 1 - folded);
  }
  return { least, at };
}

/** −1 or 1. */
export type Sign = -1 | 1;
export const signs: readonly Sign[] = [-1, 1];

export const radians = (degrees: number): number => (degrees * Math.PI) / 180;
