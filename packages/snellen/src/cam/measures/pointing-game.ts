// Pointing game: whether the map's maximum lies on the object, or close by.
// Zhang et al., "Top-down Neural Attention by Excitation Backprop", IJCV 2018, arXiv:1608.00507.
import type { Grid } from "../cam-map.ts";
import type { Measure } from "./measure.ts";

/**
 * How far off a hit may be, as a share of the input's longer side. The paper allows 15 pixels of the original picture; those
 * of its data set have 500, and the map knows the network's input only: 7 pixels of 224.
 */
const TOLERANCE = 15 / 500;

/** Whether a pixel of the object lies within `reach` of pixel `at`, between centres. */
function isNear({ dims: [height, width] }: Grid, region: Uint8Array, at: number, reach: number): boolean {
  const [row, column] = [Math.floor(at / width), at % width];
  const steps = Math.floor(reach);
  for (let y = Math.max(0, row - steps); y <= Math.min(height - 1, row + steps); y++)
    for (let x = Math.max(0, column - steps); x <= Math.min(width - 1, column + steps); x++)
      if (region[y * width + x] === 1 && Math.hypot(y - row, x - column) <= reach) return true;
  return false;
}

export const pointingGame: Measure = {
  id: "pointing-game",
  title: "Pointing game",
  summary:
    "1 where the maximum lies on the object or within 3 % of the input's side, otherwise 0; of equal maxima the share.",
  paper: "Zhang et al., IJCV 2018, arXiv:1608.00507",
  better: "higher",
  needs: ["region"],
  perturbations: [],
  measure({ subject: { map }, region }) {
    if (region === undefined) return undefined;
    const reach = TOLERANCE * Math.max(...map.dims);
    const highest = map.values.reduce((a, v) => Math.max(a, v), 0);
    const maxima = [...map.values.keys()].filter((i) => map.values[i] === highest);
    const hits = maxima.filter((i) => isNear(map, region.mask, i, reach));
    return hits.length / maxima.length;
  },
};
