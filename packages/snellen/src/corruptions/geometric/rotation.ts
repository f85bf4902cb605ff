// Rotation about the centre by a fixed angle, to the left or the right as drawn. Derived here.
// Corners that turn into view show the picture's mirror image.
import { defineCorruption } from "../corruption.ts";
import { radians, type Sign, sampleAffine, signs } from "../parts/affine.ts";
import { requireLevel } from "../parts/level.ts";

export const rotation = defineCorruption<number, Sign>({
  id: "rotation",
  family: "geometric",
  summary: "turns the picture about its centre",
  unit: "degrees",
  levels: [5, 10, 15, 30, 45],
  draw: (random) => random.pick(signs),
  /** A sign of 1 turns counter-clockwise. */
  apply(pixels, degrees, sign) {
    requireLevel("rotation", degrees, { from: -360, to: 360 });
    const [cos, sin] = [Math.cos(radians(degrees)), sign * Math.sin(radians(degrees))];
    return sampleAffine(pixels, { xx: cos, xy: -sin, yx: sin, yy: cos });
  },
});
