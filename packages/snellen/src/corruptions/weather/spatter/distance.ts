// Distance to the nearest marked pixel by the 5 × 5 chamfer (Borgefors 1986), weights 1, 1.4 and 2.1969 as in OpenCV.
import { type Grid, gridLike } from "./grid.ts";

/** Distances are counted in parts of a pixel. */
export const PIXEL = 1 << 16;

const SIDE = PIXEL;
const DIAGONAL = Math.round(1.4 * PIXEL);
const KNIGHT = Math.round(2.1969 * PIXEL);
const FAR = 2 ** 30;

/** In `PIXEL`ths of a pixel; beyond the border nothing is marked, and without any mark all is far away. */
export function chamferDistance({ width, height, data }: Grid): Grid {
  const row = width + 4;
  const distance = new Int32Array(row * (height + 4)).fill(FAR);
  for (let y = 0, i = 0; y < height; y++)
    for (let at = (y + 2) * row + 2, end = at + width; at < end; at++, i++) if (data[i]) distance[at] = 0;
  for (let y = 0; y < height; y++)
    for (let at = (y + 2) * row + 2, end = at + width; at < end; at++) relax(distance, at, -row, -1);
  for (let y = height - 1; y >= 0; y--)
    for (let end = (y + 2) * row + 2, at = end + width - 1; at >= end; at--) relax(distance, at, row, 1);
  const out = gridLike({ width, height });
  for (let y = 0; y < height; y++) {
    const from = (y + 2) * row + 2;
    out.data.set(distance.subarray(from, from + width), y * width);
  }
  return out;
}

/** The least over the half of the neighbourhood that was visited before: `row` leads there up or down, `step` left or right. */
function relax(distance: Int32Array, at: number, row: number, step: number): void {
  let least = distance[at]!;
  if (least === 0) return;
  const near = at + row;
  const far = near + row;
  const side = Math.min(distance[at + step]!, distance[near]!) + SIDE;
  const diagonal = Math.min(distance[near - 1]!, distance[near + 1]!) + DIAGONAL;
  const knight =
    Math.min(
      Math.min(distance[far - 1]!, distance[far + 1]!),
      Math.min(distance[near - 2]!, distance[near + 2]!),
    ) + KNIGHT;
  if (side < least) least = side;
  if (diagonal < least) least = diagonal;
  if (knight < least) least = knight;
  distance[at] = least;
}
