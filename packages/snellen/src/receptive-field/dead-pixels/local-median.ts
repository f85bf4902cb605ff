// Median of each pixel's surroundings, by a window that slides over ranks: Huang, Yang & Tang, "A fast two-dimensional median
// filtering algorithm", IEEE Trans. ASSP 1979, with the ranks of all pixels for grey levels, counted one by one and in groups of two sizes.
import type { FieldValues } from "../size/field-values.ts";

/**
 * @param window [rows, columns], odd; it ends at the image's border
 * @returns row by row, as `values`; of an even number of pixels, the mean of the middle two
 */
export function localMedian(
  { values, dims: [height, width] }: FieldValues,
  window: readonly [number, number],
): Float64Array {
  const [down, across] = window.map((side) => side >> 1) as [number, number];
  const order = Uint32Array.from(values, (_, i) => i).sort(
    (a, b) => (values[a] as number) - (values[b] as number),
  );
  const ranks = new Uint32Array(values.length);
  order.forEach((i, rank) => {
    ranks[i] = rank;
  });
  const held = emptyRanks(values.length);
  const valueOfRank = (rank: number): number => values[order[rank] as number] as number;
  const medians = new Float64Array(values.length);
  for (let y = 0; y < height; y++) {
    const [top, bottom] = [Math.max(0, y - down), Math.min(height - 1, y + down)];
    const column = (x: number, by: 1 | -1): void => {
      for (let row = top; row <= bottom; row++) held.change(ranks[row * width + x] as number, by);
    };
    for (let x = 0; x < Math.min(across, width); x++) column(x, 1);
    for (let x = 0; x < width; x++) {
      if (x + across < width) column(x + across, 1);
      if (x - across - 1 >= 0) column(x - across - 1, -1);
      const n = held.count();
      const upper = valueOfRank(held.at(n >> 1));
      medians[y * width + x] = n % 2 === 1 ? upper : (valueOfRank(held.at((n >> 1) - 1)) + upper) / 2;
    }
    for (let x = Math.max(0, width - across - 1); x < width; x++) column(x, -1);
  }
  return medians;
}

/** Ranks of a group, and groups of a group of groups: a few hundred looks find a median among a million. */
const GROUP_BITS = 7;
const LEVELS = [2, 1, 0] as const;

/** A set of ranks below `size` that knows its k-th smallest. */
function emptyRanks(size: number) {
  const sizeAt = (level: number): number => (size >> (level * GROUP_BITS)) + 1;
  const flags = new Uint8Array(sizeAt(0));
  const [groups, heaps] = [new Uint16Array(sizeAt(1)), new Uint32Array(sizeAt(2))];
  const counts = [flags, groups, heaps];
  let count = 0;
  return {
    /** Adds a rank that is not in, or removes one that is. */
    change: (rank: number, by: 1 | -1): void => {
      const group = rank >> GROUP_BITS;
      const heap = group >> GROUP_BITS;
      flags[rank] = (flags[rank] as number) + by;
      groups[group] = (groups[group] as number) + by;
      heaps[heap] = (heaps[heap] as number) + by;
      count += by;
    },
    count: (): number => count,
    /** @param k from 0, below the count */
    at: (k: number): number => {
      let [left, at] = [k, 0];
      for (const level of LEVELS) {
        const own = counts[level] as (typeof counts)[number];
        // from the group that was found to the first of its members
        if (level < 2) at <<= GROUP_BITS;
        while (left >= (own[at] as number)) left -= own[at++] as number;
      }
      return at;
    },
  };
}
