// ImageNet-C's "clipped zoom": the middle of a picture, enlarged bilinearly to its size or a little more.
// Its end points are aligned, first on first and last on last, as `scipy.ndimage.zoom` does it.
import type { Plane } from "./plane.ts";

/** Where the outputs of one axis read: output k between sample `start + at[k]` and the next, of which it takes `share[k]`. */
export interface ZoomedAxis {
  /** Samples of the window that is enlarged, and where it begins. */
  readonly window: number;
  readonly start: number;
  /** Outputs, at least as many as the axis has samples. */
  readonly length: number;
  /** From 0 to `window - 2`, so that there always is a next sample. */
  readonly at: Int32Array;
  readonly share: Float64Array;
  /** Outputs that lie inside: rounding may put the last one beyond the last sample, and then it is 0. */
  readonly inside: number;
}

/** @param size samples of the axis, at least 4 */
export function zoomedAxis(size: number, zoom: number): ZoomedAxis {
  const window = Math.ceil(size / zoom);
  const length = roundHalfToEven(window * zoom);
  const step = (window - 1) / (length - 1);
  const at = new Int32Array(length);
  const share = new Float64Array(length);
  let inside = 0;
  for (let k = 0; k < length; k++) {
    const position = k * step;
    if (position <= window - 1) inside++;
    at[k] = Math.min(window - 2, Math.floor(position));
    share[k] = position - at[k]!;
  }
  return { window, start: (size - window) >> 1, length, at, share, inside };
}

/** The zoomed plane: not smaller than the plane, not centred on it, its upper left corner where the plane's was. */
export function clippedZoom({ width, height, values }: Plane, zoom: number): Plane {
  const [across, down] = [zoomedAxis(width, zoom), zoomedAxis(height, zoom)];
  const out = new Float32Array(across.length * down.length);
  const zoomRow = (row: number, into: Float64Array) => {
    const from = (down.start + row) * width + across.start;
    for (let x = 0; x < across.inside; x++) {
      const i = from + across.at[x]!;
      into[x] = values[i]! + across.share[x]! * (values[i + 1]! - values[i]!);
    }
  };
  const rows = { upper: new Float64Array(across.length), lower: new Float64Array(across.length) };
  let held = -1;
  for (let y = 0; y < down.inside; y++) {
    const row = down.at[y]!;
    if (row !== held) {
      if (row === held + 1 && held >= 0) [rows.upper, rows.lower] = [rows.lower, rows.upper];
      else zoomRow(row, rows.upper);
      zoomRow(row + 1, rows.lower);
      held = row;
    }
    const share = down.share[y]!;
    const { upper, lower } = rows;
    const o = y * across.length;
    for (let x = 0; x < across.length; x++) out[o + x] = upper[x]! + share * (lower[x]! - upper[x]!);
  }
  return { width: across.length, height: down.length, values: out };
}

/** Python's `round`: 2.5 is 2, and 3.5 is 4. */
function roundHalfToEven(value: number): number {
  const nearest = Math.round(value);
  return nearest - value === 0.5 && nearest % 2 !== 0 ? nearest - 1 : nearest;
}
