// Frosted glass: pixels copied from random neighbours between two Gaussian blurs. Constants and recipe: ImageNet-C (Hendrycks &
// Dietterich 2019), whose code means to swap pixels and copies them one way; so does this.
import { defineCorruption, type Pixels } from "../corruption.ts";
import { blurPixels } from "../parts/gaussian.ts";

interface GlassLevel {
  /** Standard deviation of both blurs, in pixels. */
  readonly sigma: number;
  /** Neighbours are -reach … reach - 1 pixels away in both directions. */
  readonly reach: number;
  readonly passes: number;
}

/** (dx, dy) of every copy, in the order of copying, pass after pass. */
type Offsets = Int8Array;

export const glassBlur = defineCorruption<GlassLevel, Offsets>({
  id: "glass_blur",
  family: "blur",
  imagenetC: "common",
  summary: "blurs, replaces pixels by random neighbours, and blurs again",
  unit: "standard deviation of the blurs and reach of the neighbours in pixels, passes over the picture",
  levels: [
    { sigma: 0.7, reach: 1, passes: 2 },
    { sigma: 0.9, reach: 2, passes: 1 },
    { sigma: 1, reach: 2, passes: 3 },
    { sigma: 1.1, reach: 3, passes: 2 },
    { sigma: 1.5, reach: 4, passes: 2 },
  ],
  draw(random, { width, height }, { reach, passes }) {
    const copies = passes * Math.max(0, width - 2 * reach) * Math.max(0, height - 2 * reach);
    const offsets = new Int8Array(2 * copies);
    for (let i = 0; i < offsets.length; i += 2) {
      // sixteen bits for each: probabilities are equal to a part in ten thousand
      const bits = random.bits();
      offsets[i] = (((bits & 0xffff) * 2 * reach) >>> 16) - reach;
      offsets[i + 1] = (((bits >>> 16) * 2 * reach) >>> 16) - reach;
    }
    return offsets;
  },
  apply(pixels, { sigma, reach, passes }, offsets) {
    const { width, height } = pixels;
    const data = blurPixels(pixels, sigma);
    let at = 0;
    for (let pass = 0; pass < passes; pass++)
      at = copyNeighbours({ width, height, data }, reach, offsets, at);
    return blurPixels({ width, height, data }, sigma);
  },
});

/**
 * One pass, in place, from the last row and column to the first: later copies read what earlier ones wrote. The first `reach` + 1
 * and the last `reach` - 1 rows and columns stay.
 */
function copyNeighbours(
  { width, height, data }: Pixels,
  reach: number,
  offsets: Offsets,
  from: number,
): number {
  let next = from;
  for (let y = height - reach; y > reach; y--) {
    for (let x = width - reach; x > reach; x--, next += 2) {
      const to = 3 * (y * width + x);
      const source = to + 3 * (offsets[next + 1]! * width + offsets[next]!);
      data[to] = data[source]!;
      data[to + 1] = data[source + 1]!;
      data[to + 2] = data[source + 2]!;
    }
  }
  return next;
}
