// How strongly water lights up a picture: a bright relief along the edges of its drops. Recipe: ImageNet-C (Hendrycks & Dietterich
// 2019), with the filters of OpenCV.
import { cannyEdges } from "./canny.ts";
import { chamferDistance, PIXEL } from "./distance.ts";
import { boxSums, correlate3, type Grid, type Kernel } from "./grid.ts";

/** Pixels beyond which the edge of a drop is no more felt. */
const REACH = 20;

/** Light from the upper left. */
const RELIEF: Kernel = [-2, -1, 0, -1, 1, 1, 0, 1, 2];

/**
 * Drops times their relief, whole numbers of 0 and more.
 * @param drops thickness of the water, 0 to 255
 */
export function droplets(drops: Grid): Grid {
  const distance = chamferDistance(cannyEdges(drops, 50, 150));
  const most = REACH * PIXEL;
  for (let i = 0; i < distance.data.length; i++) if (distance.data[i]! > most) distance.data[i] = most;
  const smooth = boxSums(distance);
  for (let i = 0; i < smooth.data.length; i++) smooth.data[i] = smooth.data[i]! / (9 * PIXEL);
  const relief = correlate3(equalised(smooth), RELIEF);
  for (let i = 0; i < relief.data.length; i++) {
    const value = relief.data[i]!;
    relief.data[i] = value < 0 ? 0 : value > 255 ? 255 : value;
  }
  const light = boxSums(relief);
  for (let i = 0; i < light.data.length; i++)
    light.data[i] = drops.data[i]! * ((light.data[i]! / 9 + 0.5) | 0);
  return light;
}

/** Spreads bytes, in place, so that all levels are about equally frequent, the lowest at 0; a single level stays. */
export function equalised(grid: Grid): Grid {
  const counts = new Int32Array(256);
  for (let i = 0; i < grid.data.length; i++) counts[grid.data[i]!]!++;
  const first = counts.findIndex((count) => count > 0);
  const rest = grid.data.length - counts[first]!;
  if (rest === 0) return grid;
  let below = 0;
  const levels = counts.map((count, level) => {
    if (level <= first) return 0;
    below += count;
    return Math.round((255 * below) / rest);
  });
  const { data } = grid;
  for (let i = 0; i < data.length; i++) data[i] = levels[data[i]!]!;
  return grid;
}
