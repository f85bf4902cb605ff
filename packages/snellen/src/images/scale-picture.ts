// Pictures and maps at the size that they are shown in. Pixels of small pictures stay pixels; maps grow by straight lines
// between pixel centres, as their values are samples of something smooth.
import type { Grid } from "../cam/cam-map.ts";
import type { Picture } from "./overlay.ts";
import { resample } from "./resample.ts";

/** From this factor on, a smoothed picture looks worse than its pixels. */
const SHOWS_PIXELS = 2;

/** The picture with its longer side at `size` pixels, at least 1. */
export function scalePicture(picture: Picture, size: number): Picture {
  const { width, height, data } = picture;
  const factor = size / Math.max(width, height);
  if (factor === 1) return picture;
  const side = (n: number) => Math.max(1, Math.round(n * factor));
  const [scaledWidth, scaledHeight] = [side(width), side(height)];
  const window = { scaledWidth, scaledHeight, left: 0, top: 0, width: scaledWidth, height: scaledHeight };
  return {
    width: scaledWidth,
    height: scaledHeight,
    data: resample(data, width, height, window, factor >= SHOWS_PIXELS ? "nearest" : "bilinear"),
  };
}

/** The map at [rows, columns]; values keep their magnitude: interpolated where it grows, averaged where it shrinks. */
export function scaleMap(map: Grid, rows: number, columns: number): Grid {
  const [fromRows, fromColumns] = map.dims;
  if (fromRows === rows && fromColumns === columns) return map;
  const down = axisTaps(fromRows, rows);
  const across = axisTaps(fromColumns, columns);
  const narrow = new Float32Array(fromRows * columns);
  for (let y = 0; y < fromRows; y++)
    for (let x = 0; x < columns; x++)
      narrow[y * columns + x] = mix(across[x] as Tap[], map.values, y * fromColumns, 1);
  const values = new Float32Array(rows * columns);
  for (let y = 0; y < rows; y++)
    for (let x = 0; x < columns; x++) values[y * columns + x] = mix(down[y] as Tap[], narrow, x, columns);
  return { values, dims: [rows, columns] };
}

interface Tap {
  readonly index: number;
  readonly weight: number;
}

/** Weighted sum of samples that start at `from` and lie `step` apart. */
function mix(taps: readonly Tap[], values: Float32Array, from: number, step: number): number {
  let sum = 0;
  for (const { index, weight } of taps) sum += weight * (values[from + index * step] as number);
  return sum;
}

/** Which of `from` samples each of `to` samples is made of: a triangle as wide as the coarser of the two spacings. */
function axisTaps(from: number, to: number): Tap[][] {
  const step = from / to;
  const reach = Math.max(1, step);
  return Array.from({ length: to }, (_, i) => {
    const centre = Math.min(Math.max((i + 0.5) * step - 0.5, 0), from - 1);
    const first = Math.max(0, Math.ceil(centre - reach));
    const last = Math.min(from - 1, Math.floor(centre + reach));
    const taps = Array.from({ length: last - first + 1 }, (_, k) => ({
      index: first + k,
      weight: 1 - Math.abs(first + k - centre) / reach,
    }));
    const sum = taps.reduce((a, t) => a + t.weight, 0);
    return taps.map(({ index, weight }) => ({ index, weight: weight / sum }));
  });
}
