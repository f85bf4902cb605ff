// What a corruption is: levels of strength, the random numbers it draws, and a pure function of pixels, level and draw.
// Drawing stands apart from applying, so that a recorded draw of a reference implementation gives the reference's own picture.
import type { RandomStream } from "../random.ts";

/** Pixels that are corrupted: RGB, row-major, three bytes a pixel. */
export interface Pixels {
  readonly width: number;
  readonly height: number;
  readonly data: Uint8Array;
}

/** Strength as benchmarks count it, the least first. */
export const severities = [1, 2, 3, 4, 5] as const;
/** A severity, 1 (least) to 5. */
export type Severity = (typeof severities)[number];

/**
 * Where a corruption belongs. The first four are ImageNet-C's (Hendrycks & Dietterich 2019); `colour` alters the scale of
 * colours, `geometric` where things are.
 */
export const families = ["noise", "blur", "weather", "digital", "colour", "geometric"] as const;
/** Name of a family of corruptions. */
export type Family = (typeof families)[number];

/** A corruption: its five levels of strength, what it draws at random, and what it does to pixels. */
export interface Corruption<Level = unknown, Draw = unknown> {
  /** The name of the field, as in `gaussian_noise`; never changes once released. */
  readonly id: string;
  readonly family: Family;
  /** ImageNet-C's sets: the fifteen that mCE is over, the four for validation; undefined of ours. */
  readonly imagenetC?: "common" | "validation";
  /** What it does to a picture, in one sentence. */
  readonly summary: string;
  /** What each level holds, in words with units: `standard deviation, in parts of the range`. */
  readonly unit: string;
  /** Strength at severities 1 to 5. */
  readonly levels: readonly [Level, Level, Level, Level, Level];
  /** The random numbers that `apply` needs; absent where the picture alone decides. */
  draw?(random: RandomStream, pixels: Pixels, level: Level): Draw;
  /**
   * The corrupted picture, `width * height * 3` bytes of its own; the pixels that are given stay as they are.
   * @param draw what `draw` drew for the same pixels and level, undefined without one
   */
  apply(pixels: Pixels, level: Level, draw: Draw): Uint8Array;
}

/** Keeps the types of level and draw where a corruption is written; the registry's own type knows neither. */
export const defineCorruption = <Level, Draw = undefined>(
  corruption: Corruption<Level, Draw>,
): Corruption<Level, Draw> => corruption;
