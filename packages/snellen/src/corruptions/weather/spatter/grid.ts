// A grid of whole numbers with one value a pixel, and its 3 × 3 neighbourhoods; beyond the border it mirrors (`reflect101`).
import { borderIndex } from "../../parts/borders.ts";

export interface Grid {
  readonly width: number;
  readonly height: number;
  /** Row-major. */
  readonly data: Int32Array;
}

export const gridLike = ({ width, height }: Omit<Grid, "data">): Grid => ({
  width,
  height,
  data: new Int32Array(width * height),
});

/** The grid with `margin` values more on every side, each taken from where `source` says. */
export function padded(
  { width, height, data }: Grid,
  margin: number,
  source: (index: number, size: number) => number,
): Grid {
  const out = gridLike({ width: width + 2 * margin, height: height + 2 * margin });
  for (let y = 0; y < out.height; y++) {
    const from = source(y - margin, height) * width;
    const to = y * out.width;
    out.data.set(data.subarray(from, from + width), to + margin);
    for (let i = 0; i < margin; i++) {
      out.data[to + i] = data[from + source(i - margin, width)]!;
      out.data[to + margin + width + i] = data[from + source(width + i, width)]!;
    }
  }
  return out;
}

/** Nine weights, row by row. */
export type Kernel = readonly [number, number, number, number, number, number, number, number, number];

/** Sums over every pixel's neighbourhood of nine. */
export function boxSums(grid: Grid): Grid {
  const { width, height, data } = padded(grid, 1, (index, size) => borderIndex("reflect101", index, size));
  const columns = new Int32Array(width);
  const out = gridLike(grid);
  for (let y = 1, to = 0; y < height - 1; y++) {
    const at = y * width;
    for (let x = 0; x < width; x++)
      columns[x] = data[at + x - width]! + data[at + x]! + data[at + x + width]!;
    for (let x = 1; x < width - 1; x++, to++) out.data[to] = columns[x - 1]! + columns[x]! + columns[x + 1]!;
  }
  return out;
}

/** Weighted sums over every pixel's neighbourhood. */
export function correlate3(grid: Grid, [a, b, c, d, e, f, g, h, i]: Kernel): Grid {
  const { width, data } = padded(grid, 1, (index, size) => borderIndex("reflect101", index, size));
  const out = gridLike(grid);
  const sums = out.data;
  for (let y = 0, to = 0; y < grid.height; y++) {
    for (let at = y * width, end = at + grid.width; at < end; at++, to++) {
      const low = at + width;
      const last = low + width;
      sums[to] =
        Math.imul(a, data[at]!) +
        Math.imul(b, data[at + 1]!) +
        Math.imul(c, data[at + 2]!) +
        Math.imul(d, data[low]!) +
        Math.imul(e, data[low + 1]!) +
        Math.imul(f, data[low + 2]!) +
        Math.imul(g, data[last]!) +
        Math.imul(h, data[last + 1]!) +
        Math.imul(i, data[last + 2]!);
    }
  }
  return out;
}
