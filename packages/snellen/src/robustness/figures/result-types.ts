// What the robustness benchmark writes: plain data, the same for every renderer. Published contract: fields are added, never changed;
// `version` rises when that rule must be broken. Shares lie between 0 and 1; null where there is no such number.
import type { Calibration } from "./calibration.ts";
import type { Estimate } from "./estimates.ts";

export const ROBUSTNESS_VERSION = 1;

/** One model under one condition. */
export interface ConditionFigures {
  /** Null where the picture is clean. */
  readonly corruption: string | null;
  readonly severity: number | null;
  /** Images with an outcome. */
  readonly images: number;
  /** Share of labelled images whose class has the highest score. */
  readonly accuracy: Estimate;
  /** 1 − accuracy. */
  readonly error: Estimate;
  /** Share of labelled images whose class is among the five highest; without a value below six classes. */
  readonly top5: Estimate;
  /** Share of images with the clean picture's prediction, or the mean agreement of their outputs; none where it is clean. */
  readonly agreement: Estimate;
  /** Mean probability of the predicted class. */
  readonly confidence: number | null;
  /** Expected calibration error of the labelled images (`accuracy.n`), and what chance alone makes of it. */
  readonly ece: number | null;
  readonly eceByChance: number | null;
}

/** One model under one corruption; each figure over the images that have all it needs. */
export interface CorruptionFigures {
  readonly corruption: string;
  /** Means over these severities. */
  readonly severities: readonly number[];
  readonly error: Estimate;
  /** Corruption error: mean error over the reference's; 1 is as robust as the reference. */
  readonly ce: Estimate;
  /** What corruption adds to the clean error, over what it adds to the reference's. */
  readonly relativeCe: Estimate;
  readonly agreement: Estimate;
  /** Share of steps from a severity to the next that change the prediction. */
  readonly flips: Estimate;
  /** Share of images whose prediction changes from clean to severity 1. */
  readonly flipsFromClean: Estimate;
  /** Mean over severities. */
  readonly ece: number | null;
}

/** A mean over corruptions that says which it is. */
export interface NamedEstimate extends Estimate {
  /** `mCE` over the fifteen of ImageNet-C at five severities, else `mean CE over 3 corruptions`; the same of relative CE. */
  readonly name: string;
}

/** One model in a line: over images that have all conditions of `corruptions`. */
export interface SummaryFigures {
  /** ImageNet-C's fifteen where all are there at five severities, else all that were run. */
  readonly corruptions: readonly string[];
  readonly cleanError: Estimate;
  readonly meanError: Estimate;
  readonly meanAccuracy: Estimate;
  readonly mce: NamedEstimate;
  readonly relativeMce: NamedEstimate;
  readonly agreement: Estimate;
  readonly flips: Estimate;
  readonly flipsFromClean: Estimate;
  /** Expected calibration errors: of clean pictures, and the mean over the corrupted conditions, each on `images` at least. */
  readonly ece: {
    readonly clean: number | null;
    readonly cleanByChance: number | null;
    readonly corrupted: number | null;
    readonly corruptedByChance: number | null;
    readonly images: number;
  };
}

export interface ModelFigures {
  readonly name: string;
  readonly outcome: "class" | "agreement";
  readonly classes: number | null;
  readonly summary: SummaryFigures;
  readonly corruptions: readonly CorruptionFigures[];
  readonly conditions: readonly ConditionFigures[];
  /** Severity 0 is clean; the others take the summary's corruptions together, so that n counts outcomes rather than images. */
  readonly calibration: readonly ({ readonly severity: number } & Calibration)[];
}

/** First − second on the images that both have; below zero the first is better, of agreement above zero. */
export interface Comparison {
  readonly first: string;
  readonly second: string;
  readonly cleanError: Estimate;
  readonly meanError: Estimate;
  readonly mce: NamedEstimate;
  readonly relativeMce: NamedEstimate;
  readonly agreement: Estimate;
  readonly corruptions: readonly {
    readonly corruption: string;
    readonly error: Estimate;
    readonly agreement: Estimate;
  }[];
}

/** What the robustness benchmark found: what `robustness.json` holds. Plain data. */
export interface RobustnessResult {
  readonly version: typeof ROBUSTNESS_VERSION;
  readonly snellen: string;
  /** ISO 8601. */
  readonly date: string;
  readonly images: {
    readonly name: string;
    /** In the list, read or not. */
    readonly count: number;
    readonly skipped: readonly { readonly source: string; readonly reason: string }[];
  };
  /** Of the corruptions' draws. */
  readonly seed: number;
  readonly corruptions: readonly {
    readonly id: string;
    readonly family: string | null;
    /** ImageNet-C's sets. */
    readonly imagenetC: "common" | "validation" | null;
    readonly severities: readonly number[];
  }[];
  /** What corruption errors are measured against. */
  readonly reference: {
    readonly name: string;
    readonly kind: "published" | "model";
    readonly note: string;
    readonly clean: number | null;
    readonly errors: Readonly<Record<string, number | null>>;
  };
  readonly models: readonly ModelFigures[];
  /** Every two models, in the models' order. */
  readonly comparisons: readonly Comparison[];
}
