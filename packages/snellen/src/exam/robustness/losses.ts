// What altered pictures take from a model, image by image: accuracy, or without labels the agreement with the clean picture; and
// the same of two models on the same images. Derived here.
import { CLEAN, conditionKey, conditionsOf } from "../../robustness/condition.ts";
import { type Estimate, estimateOf, meanRatio, noEstimate } from "../../robustness/estimates.ts";
import { agreementWith, imagesWithAll, perImage, wrongOf } from "../../robustness/image-scores.ts";
import type { Outcomes } from "./exam-group.ts";
import { FAST_SEVERITIES } from "./fast-subset.ts";

/** In terms of what it is lost. */
export type LossKind = "accuracy" | "agreement";

/** Accuracy where any image's class is known. */
export const lossKind = ({ subject: { name }, observations }: Outcomes): LossKind =>
  wrongOf(observations.columns(name, CLEAN)).some((wrong) => !Number.isNaN(wrong)) ? "accuracy" : "agreement";

/** Conditions of these corruptions in the fast subset. */
export const corruptedKeys = (corruptions: readonly string[]): string[] =>
  conditionsOf(corruptions, FAST_SEVERITIES)
    .filter((condition) => condition !== CLEAN)
    .map(conditionKey);

/**
 * One number an image, NaN where one of its outcomes is missing: the mean over conditions of whether it is wrong, less whether it is
 * when clean (−1 to 1); or of how far it is from agreeing with the clean picture (0 to 1).
 * @param keys texts of the conditions
 */
export function lossSeries(
  { subject: { name }, observations }: Outcomes,
  keys: readonly string[],
  kind: LossKind,
): Float64Array {
  const clean = observations.columns(name, CLEAN);
  const before = wrongOf(clean);
  const each = keys.map((key) => {
    const columns = observations.columns(name, key);
    if (kind === "agreement") return agreementWith(clean, columns).map((agreement) => 1 - agreement);
    return wrongOf(columns).map((wrong, image) => wrong - (before[image] as number));
  });
  return perImage(
    observations.imageCount,
    (image) => each.reduce((sum, own) => sum + (own[image] as number), 0) / each.length,
  );
}

/** Mean loss over the images that have one. */
export const meanLoss = (series: Float64Array): Estimate => meanOf(series, 1);

/** Mean of first − second over the images that have both; above zero the first loses more. */
export const lossDifference = (first: Float64Array, second: Float64Array): Estimate =>
  meanOf(
    first.map((own, image) => own - (second[image] as number)),
    2,
  );

/**
 * Outcomes that are all alike have no spread to tell an interval from; then 3 / n stands for it, the share of other outcomes that
 * would most likely have shown up (Hanley & Lippman-Hand, JAMA 249, 1983).
 * @param most how far one image can be from the others
 */
function meanOf(series: Float64Array, most: number): Estimate {
  const images = imagesWithAll([series]);
  const mean = meanRatio(images, [{ top: (image) => series[image] as number, bottom: 1 }]);
  if (mean === undefined) return noEstimate(images.length);
  const found = estimateOf(mean);
  const isAlike = mean.influence.every((v) => Math.abs(v) < 1e-9);
  if (!isAlike || images.length < LEAST_IMAGES) return found;
  const half = (3 * most) / images.length;
  return { ...found, low: mean.value - half, high: mean.value + half };
}

/** As for every interval of a mean. */
const LEAST_IMAGES = 10;
