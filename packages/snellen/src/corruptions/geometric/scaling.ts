// Scaling about the centre: objects get smaller. Derived here.
// Severity shrinks and does not enlarge, because enlarging cuts off what the label is about: a change of scale alone loses nothing
// but detail. Around it the picture's mirror image; samples are bilinear without smoothing, as augmentations take them.
import { defineCorruption } from "../corruption.ts";
import { sampleAffine } from "../parts/affine.ts";
import { requireLevel } from "../parts/level.ts";

export const scaling = defineCorruption<number>({
  id: "scaling",
  family: "geometric",
  summary: "shrinks the picture about its centre",
  unit: "factor of the sides",
  levels: [0.9, 0.8, 0.65, 0.5, 0.4],
  apply(pixels, factor) {
    requireLevel("scaling", factor, { from: 0.05, to: 20 });
    return sampleAffine(pixels, { xx: 1 / factor, xy: 0, yx: 0, yy: 1 / factor });
  },
});
