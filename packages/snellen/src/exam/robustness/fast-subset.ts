// Which part of the robustness benchmark the exam runs: one corruption of each kind of ImageNet-C at a middle and at the highest
// severity, on some of the images. `snellen robustness` runs all of it. The choice is derived here.
import type { Severity } from "../../corruptions/corruption.ts";
import { CLEAN, conditionKey, conditionsOf } from "../../robustness/condition.ts";

/** One of each kind: noise, blur, weather; of the digital ones both kinds, contrast lost and artefacts gained. */
export const FAST_CORRUPTIONS: readonly string[] = [
  "gaussian_noise",
  "motion_blur",
  "fog",
  "contrast",
  "jpeg_compression",
];

/** The middle of the scale and its end: what is common and what is hard, at two fifths of the cost. */
export const FAST_SEVERITIES: readonly Severity[] = [3, 5];

/** Texts of these corruptions' conditions, without the clean one. */
export const corruptedKeys = (corruptions: readonly string[]): string[] =>
  conditionsOf(corruptions, FAST_SEVERITIES)
    .filter((condition) => condition !== CLEAN)
    .map(conditionKey);

/** Each costs eleven runs; the mean loss is then known to about ten points or better, each image being met ten times. */
export const CORRUPTED_IMAGES = 100;

/** Each costs eight runs, and of vision transformers fifteen; a fall by a fifth at one factor is then no chance. */
export const CONTRAST_IMAGES = 64;

/** Equal for all models, so that they see the same draws. */
export const SEED = 0;
