// Ways to make a picture's colours stronger by a factor, and the factors that are tried. arXiv:2111.08413 alters contrast and colour
// scale; the factors go beyond its range to where most values are cut off.

import { colourScale } from "../corruptions/colour/colour-scale.ts";
import { contrastEnhancement } from "../corruptions/colour/contrast-enhancement.ts";
import type { Pixels } from "../corruptions/corruption.ts";
import type { ScaleFamily } from "./embedding-scale-result.ts";

export interface ScaleAlteration {
  readonly id: ScaleFamily;
  /** For tables and sentences. */
  readonly title: string;
  /** @returns the altered bytes; the same at factor 1 */
  readonly apply: (pixels: Pixels, factor: number) => Uint8Array;
}

export const scaleAlterations: readonly ScaleAlteration[] = [
  {
    id: "contrast_enhancement",
    title: "contrast",
    apply: (pixels, factor) => contrastEnhancement.apply(pixels, factor, undefined),
  },
  {
    id: "colour_scale",
    title: "colour scale",
    apply: (pixels, factor) => colourScale.apply(pixels, factor, undefined),
  },
];

/** The first is the clean picture. */
export const SCALE_FACTORS = [1, 1.2, 1.5, 2, 2.5, 3, 4, 5] as const;
