// What altered pictures take from a model, image by image: accuracy, or without labels the agreement with the clean picture; and
// the same of two models on the same images. Derived here.
import { CLEAN } from "../condition.ts";
import type { Observations } from "../observations.ts";
import { type Estimate, meanEstimate } from "./estimates.ts";
import { agreementWith, averaged, imagesWithAll, perImage, wrongOf } from "./image-scores.ts";

/** In terms of what it is lost. */
export type LossKind = "accuracy" | "agreement";

/** One number an image; NaN where one of its outcomes is missing. */
export type Series = Float64Array;

/** Accuracy where any image's class is known. */
export const lossKind = (observations: Observations, model: string): LossKind =>
  errorSeries(observations, model, [CLEAN]).some((wrong) => !Number.isNaN(wrong)) ? "accuracy" : "agreement";

/** Share of conditions under which an image's prediction is wrong, 0 to 1. @param keys texts of the conditions */
export const errorSeries = (observations: Observations, model: string, keys: readonly string[]): Series =>
  averaged(
    observations.imageCount,
    keys.map((key) => wrongOf(observations.columns(model, key))),
  );

/**
 * Mean over conditions of whether an image's prediction is wrong, less whether it is when clean (−1 to 1); or of how far it is from
 * agreeing with the clean picture (0 to 1).
 * @param keys texts of the conditions
 */
export function lossSeries(
  observations: Observations,
  model: string,
  keys: readonly string[],
  kind: LossKind,
): Series {
  if (kind === "accuracy")
    return minus(errorSeries(observations, model, keys), errorSeries(observations, model, [CLEAN]));
  const clean = observations.columns(model, CLEAN);
  const each = keys.map((key) => agreementWith(clean, observations.columns(model, key)));
  return averaged(observations.imageCount, each).map((agreement) => 1 - agreement);
}

export const minus = (first: Series, second: Series): Series =>
  perImage(first.length, (image) => (first[image] as number) - (second[image] as number));

/** Least and most that one image can lose. */
const BOUNDS: Readonly<Record<LossKind, readonly [least: number, most: number]>> = {
  accuracy: [-1, 1],
  agreement: [0, 1],
};

/** Mean loss over the images that have one. */
export const meanLoss = (series: Series, kind: LossKind): Estimate => meanOf(series, ...BOUNDS[kind]);

/** Mean of first − second over the images that have both; above zero the first loses more. */
export function lossDifference(first: Series, second: Series, kind: LossKind): Estimate {
  const [least, most] = BOUNDS[kind];
  return meanOf(minus(first, second), least - most, most - least);
}

/** The same of shares, such as errors. */
export const shareDifference = (first: Series, second: Series): Estimate =>
  meanOf(minus(first, second), -1, 1);

const meanOf = (series: Series, least: number, most: number): Estimate =>
  meanEstimate(imagesWithAll([series]), (image) => series[image] as number, least, most);
