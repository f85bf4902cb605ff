// Shear: rows slide past each other, or columns, as seen from the side or by a rolling shutter. Derived here.
// The centre stays; what comes into view is the picture's mirror image.
import { defineCorruption } from "../corruption.ts";
import { radians, type Sign, sampleAffine, signs } from "../parts/affine.ts";
import { requireLevel } from "../parts/level.ts";

export interface ShearDraw {
  /** What slides: rows along x, or columns along y. */
  readonly axis: "x" | "y";
  readonly sign: Sign;
}

export const shear = defineCorruption<number, ShearDraw>({
  id: "shear",
  family: "geometric",
  summary: "slants the picture along a drawn axis",
  unit: "degrees",
  levels: [5, 10, 15, 25, 35],
  draw: (random) => ({ axis: random.pick(["x", "y"] as const), sign: random.pick(signs) }),
  apply(pixels, degrees, { axis, sign }) {
    requireLevel("shear", degrees, { from: -80, to: 80 });
    const slope = sign * Math.tan(radians(degrees));
    const [xy, yx] = axis === "x" ? [slope, 0] : [0, slope];
    return sampleAffine(pixels, { xx: 1, xy, yx, yy: 1 });
  },
});
