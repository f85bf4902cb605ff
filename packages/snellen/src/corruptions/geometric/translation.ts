// Translation by a share of the sides, in a drawn direction. Derived here.
// By whole pixels, so that nothing is blurred besides; what comes into view is the picture's mirror image.
import { defineCorruption } from "../corruption.ts";
import { sampleAffine } from "../parts/affine.ts";
import { requireLevel } from "../parts/level.ts";

export const translation = defineCorruption<number, number>({
  id: "translation",
  family: "geometric",
  summary: "moves the picture in a drawn direction",
  unit: "share of the sides",
  levels: [0.05, 0.1, 0.15, 0.2, 0.3],
  /** The direction: radians from the right, clockwise. */
  draw: (random) => random.uniform(0, 2 * Math.PI),
  apply(pixels, share, direction) {
    requireLevel("translation", share, { from: 0, to: 1 });
    const dx = -Math.round(share * pixels.width * Math.cos(direction));
    const dy = -Math.round(share * pixels.height * Math.sin(direction));
    return sampleAffine(pixels, { xx: 1, xy: 0, yx: 0, yy: 1, dx, dy });
  },
});
