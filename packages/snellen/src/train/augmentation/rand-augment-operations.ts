// The fourteen operations of RandAugment (Cubuk et al., arXiv:1909.13719) at strengths 0 to 1, with torchvision's ranges.
// All are corruptions of the registry at levels of their own. Where torchvision turns black into view, and slants about a corner,
// ours show the picture's mirror image and keep its centre.
import { autocontrast } from "../../corruptions/colour/autocontrast.ts";
import { colourScale } from "../../corruptions/colour/colour-scale.ts";
import { contrastEnhancement } from "../../corruptions/colour/contrast-enhancement.ts";
import { equalize } from "../../corruptions/colour/equalize.ts";
import { posterize } from "../../corruptions/colour/posterize.ts";
import { saturation } from "../../corruptions/colour/saturation.ts";
import { sharpness } from "../../corruptions/colour/sharpness.ts";
import { solarize } from "../../corruptions/colour/solarize.ts";
import type { Corruption, Pixels } from "../../corruptions/corruption.ts";
import { rotation } from "../../corruptions/geometric/rotation.ts";
import { shear } from "../../corruptions/geometric/shear.ts";
import { translation } from "../../corruptions/geometric/translation.ts";
import type { Sign } from "../../corruptions/parts/affine.ts";

export interface Operation {
  /** torchvision's name for it. */
  readonly id: string;
  /** The way, −1 or 1, has a meaning. */
  readonly isSigned: boolean;
  /** @param strength 0 to 1 */
  readonly apply: (pixels: Pixels, strength: number, sign: Sign) => Uint8Array;
}

/** Largest change of a factor: enhancements go from 0.1 to 1.9. */
const FACTOR = 0.9;
/** Largest share of the width or height that a picture moves. */
const MOVE = 150 / 331;
const SLOPE = 0.3;
const DEGREES = 30;
/** Bits of a value that the strongest posterization takes. */
const BITS = 4;

const degreesOf = (slope: number): number => (Math.atan(slope) * 180) / Math.PI;

/** 1 leaves the picture as it is. */
const enhancement = (id: string, corruption: Corruption<number, undefined>): Operation => ({
  id,
  isSigned: true,
  apply: (pixels, strength, sign) => corruption.apply(pixels, 1 + sign * FACTOR * strength, undefined),
});

const slant = (id: string, axis: "x" | "y"): Operation => ({
  id,
  isSigned: true,
  apply: (pixels, strength, sign) => shear.apply(pixels, degreesOf(SLOPE * strength), { axis, sign }),
});

/** @param direction radians from the right, clockwise */
const move = (id: string, direction: number): Operation => ({
  id,
  isSigned: true,
  apply: (pixels, strength, sign) =>
    translation.apply(pixels, MOVE * strength, sign > 0 ? direction : direction + Math.PI),
});

const plain = (id: string, apply: (pixels: Pixels, strength: number) => Uint8Array): Operation => ({
  id,
  isSigned: false,
  apply,
});

export const operations: readonly Operation[] = [
  plain("Identity", ({ data }) => data),
  slant("ShearX", "x"),
  slant("ShearY", "y"),
  move("TranslateX", 0),
  move("TranslateY", Math.PI / 2),
  {
    id: "Rotate",
    isSigned: true,
    apply: (pixels, strength, sign) => rotation.apply(pixels, DEGREES * strength, sign),
  },
  enhancement("Brightness", colourScale),
  enhancement("Color", saturation),
  enhancement("Contrast", contrastEnhancement),
  enhancement("Sharpness", sharpness),
  plain("Posterize", (pixels, strength) =>
    posterize.apply(pixels, 8 - Math.round(BITS * strength), undefined),
  ),
  plain("Solarize", (pixels, strength) => solarize.apply(pixels, 255 * (1 - strength), undefined)),
  plain("AutoContrast", (pixels) => autocontrast.apply(pixels, 0, undefined)),
  plain("Equalize", (pixels) => equalize.apply(pixels, 1, undefined)),
];
