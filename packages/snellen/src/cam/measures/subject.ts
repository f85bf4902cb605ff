// A map made ready for measures: its 0..1 mask, and its pixels in order of relevance.

import { randomStream } from "../../random.ts";
import type { Grid } from "../cam-map.ts";
import type { InputUnits } from "./input-units.ts";
import type { Subject } from "./measure.ts";

/** Tells the stream that breaks ties from others of the same seed. */
const TIES = 1;

/** The map rectified and divided by its maximum, 0 to 1; undefined where it holds nothing positive. */
export function maskOf({ values }: Grid): Float32Array | undefined {
  let highest = 0;
  for (const v of values) if (v > highest) highest = v;
  return highest > 0 ? values.map((v) => Math.max(v, 0) / highest) : undefined;
}

/**
 * Pixels by decreasing value. Plateaus (the zeros of a rectified map, the blocks of nearest upsampling) would favour the
 * picture's upper left in raster order, so equal values come in a random order.
 */
export function relevanceOrder(values: Float32Array, seed: number): Uint32Array {
  const tieBreak = Uint32Array.from(randomStream(seed, TIES).permutation(values.length));
  return Uint32Array.from(values.keys()).sort(
    (i, j) =>
      (values[j] as number) - (values[i] as number) || (tieBreak[i] as number) - (tieBreak[j] as number),
  );
}

/**
 * @param map [H, W]
 * @param input [C, H, W] in the network's own units
 * @returns undefined where the map holds nothing positive: no measure has a meaning then
 */
export function subjectOf(
  map: Grid,
  input: Float32Array,
  units: InputUnits,
  seed: number,
): Subject | undefined {
  const mask = maskOf(map);
  if (mask === undefined) return undefined;
  let order: Uint32Array | undefined;
  return {
    map,
    mask,
    input,
    channels: input.length / mask.length,
    units,
    order: () => (order ??= relevanceOrder(map.values, seed)),
    seed,
  };
}
