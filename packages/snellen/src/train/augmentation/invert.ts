// Random inversion: the picture's negative, for things whose identity is not in their brightness, such as letters.
// The embedded networks were trained with it (`tools/models`).
import { inversion } from "../../corruptions/colour/inversion.ts";
import type { AugmentationKind } from "./augmentation.ts";
import { numberValue, requireAtMost } from "./values.ts";

const USAGE = "invert[=<probability>]";
/** The negative alone. */
const WHOLE = 1;

export const invert: AugmentationKind = {
  id: "invert",
  summary: "turns every other picture, or the given share, into its negative",
  usage: USAGE,
  bind(values) {
    requireAtMost(values, 1, USAGE);
    const probability = numberValue(values[0], USAGE, { from: 0, to: 1 }, 0.5);
    return (pixels, random) =>
      random.uniform(0, 1) < probability
        ? { ...pixels, data: inversion.apply(pixels, WHOLE, undefined) }
        : pixels;
  },
};
