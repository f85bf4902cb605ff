// Pixelation: scaled down by means of whole samples and up again by copies. Constants and recipe: ImageNet-C (Hendrycks & Dietterich
// 2019); the two resizers are those of Pillow (BOX, NEAREST), rounding included.
import { defineCorruption, type Pixels } from "../corruption.ts";

export const pixelate = defineCorruption<number>({
  id: "pixelate",
  family: "digital",
  imagenetC: "common",
  summary: "scales the picture down and up again without smoothing",
  unit: "factor that the sides are scaled down by",
  levels: [0.6, 0.5, 0.4, 0.3, 0.25],
  apply(pixels, factor) {
    const [width, height] = [Math.trunc(pixels.width * factor), Math.trunc(pixels.height * factor)];
    const narrow = { width, height: pixels.height, data: averageColumns(pixels, width) };
    return enlarge({ width, height, data: averageRows(narrow, height) }, pixels.width, pixels.height);
  },
});

/** Samples `starts[k]` to `ends[k]` - 1 are behind mean k. */
export interface BoxRanges {
  readonly starts: Int32Array;
  readonly ends: Int32Array;
}

/**
 * Which of `from` samples each of `size` means is over: those whose middle lies in its box, decided by Pillow's own sums. Where a
 * middle falls on the border of two boxes, they may put a sample in both, or in neither.
 */
export function boxRanges(from: number, size: number): BoxRanges {
  const scale = from / size;
  const [starts, ends] = [new Int32Array(size), new Int32Array(size)];
  for (let k = 0; k < size; k++) {
    const centre = (k + 0.5) * scale;
    const position = (sample: number): number => (sample - centre + 0.5) * (1 / scale);
    let start = Math.max(0, Math.trunc(centre - scale / 2 + 0.5));
    let end = Math.min(from, Math.trunc(centre + scale / 2 + 0.5));
    while (position(start) <= -0.5) start++;
    while (position(end - 1) > 0.5) end--;
    starts[k] = start;
    ends[k] = end;
  }
  return { starts, ends };
}

/** Factors that divide by 0, 1, 2, … in fixed point with 22 binary places: exact to the rounded byte, halves upwards. */
const RECIPROCALS = Int32Array.from({ length: 32 }, (_, count) => Math.round(2 ** 22 / Math.max(1, count)));
const HALF = 2 ** 21;

function averageColumns({ width, height, data }: Pixels, size: number): Uint8Array {
  const { starts, ends } = boxRanges(width, size);
  const reciprocals = Int32Array.from({ length: size }, (_, k) => RECIPROCALS[ends[k]! - starts[k]!]!);
  const out = new Uint8Array(size * height * 3);
  for (let y = 0, to = 0; y < height; y++) {
    const row = y * width * 3;
    for (let k = 0; k < size; k++, to += 3) {
      let at = row + 3 * starts[k]!;
      let red = data[at]!;
      let green = data[at + 1]!;
      let blue = data[at + 2]!;
      const end = row + 3 * ends[k]!;
      for (at += 3; at < end; at += 3) {
        red += data[at]!;
        green += data[at + 1]!;
        blue += data[at + 2]!;
      }
      const reciprocal = reciprocals[k]!;
      out[to] = (Math.imul(red, reciprocal) + HALF) >> 22;
      out[to + 1] = (Math.imul(green, reciprocal) + HALF) >> 22;
      out[to + 2] = (Math.imul(blue, reciprocal) + HALF) >> 22;
    }
  }
  return out;
}

function averageRows({ width, height, data }: Pixels, size: number): Uint8Array {
  const { starts, ends } = boxRanges(height, size);
  const length = width * 3;
  const out = new Uint8Array(length * size);
  for (let k = 0; k < size; k++) {
    const count = ends[k]! - starts[k]!;
    const rows = data.subarray(starts[k]! * length, ends[k]! * length);
    if (count === 1) out.set(rows, k * length);
    else if (count === 2) averageTwo(rows, length, out, k * length);
    else averageMany(rows, length, out, k * length, RECIPROCALS[count]!);
  }
  return out;
}

function averageTwo(rows: Uint8Array, length: number, out: Uint8Array, to: number): void {
  for (let i = 0; i < length; i++) out[to + i] = (rows[i]! + rows[length + i]! + 1) >> 1;
}

function averageMany(
  rows: Uint8Array,
  length: number,
  out: Uint8Array,
  to: number,
  reciprocal: number,
): void {
  for (let i = 0; i < length; i++) {
    let sum = rows[i]! + rows[length + i]! + rows[2 * length + i]!;
    for (let at = 3 * length + i; at < rows.length; at += length) sum += rows[at]!;
    out[to + i] = (Math.imul(sum, reciprocal) + HALF) >> 22;
  }
}

/**
 * The sample of `size` that each of `to` copies. The position is summed up and not multiplied, as in Pillow: where it would be a
 * whole number, the sum falls just below.
 */
export function nearestSources(size: number, to: number): Int32Array {
  const step = size / to;
  const sources = new Int32Array(to);
  let position = step / 2;
  for (let i = 0; i < to; i++) {
    sources[i] = Math.min(size - 1, Math.trunc(position));
    position += step;
  }
  return sources;
}

function enlarge(small: Pixels, width: number, height: number): Uint8Array {
  const { data } = small;
  const columns = nearestSources(small.width, width).map((x) => 3 * x);
  const rows = nearestSources(small.height, height);
  const length = 3 * width;
  const out = new Uint8Array(length * height);
  for (let y = 0; y < height; y++) {
    const to = y * length;
    if (y > 0 && rows[y] === rows[y - 1]) {
      out.copyWithin(to, to - length, to);
      continue;
    }
    const from = rows[y]! * small.width * 3;
    for (let x = 0, i = to; x < width; x++, i += 3) {
      const at = from + columns[x]!;
      out[i] = data[at]!;
      out[i + 1] = data[at + 1]!;
      out[i + 2] = data[at + 2]!;
    }
  }
  return out;
}
