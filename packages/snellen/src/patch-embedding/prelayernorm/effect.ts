// What PreLayerNorm did to predictions: original and mended model on the same pictures, clean and under stronger colours, with paired
// differences. Kim et al., arXiv:2111.08413, compare by accuracy; intervals as in the robustness benchmark.
import { CLEAN, type Condition, conditionKey } from "../../robustness/condition.ts";
import { type Estimate, meanEstimate, shareEstimate } from "../../robustness/figures/estimates.ts";
import {
  agreementWith,
  imagesWithAll,
  meanAt,
  perImage,
  runCorruptions,
  wrongOf,
} from "../../robustness/figures/image-scores.ts";
import type { Observations } from "../../robustness/observations.ts";

/** A share of the same pictures, before and after; `difference` is after − before. */
export interface Paired {
  readonly before: Estimate;
  readonly after: Estimate;
  readonly difference: Estimate;
}

/** Predictions under one corruption before and after: the mean over its severities, then each severity. */
export interface CorruptionEffect extends Paired {
  readonly corruption: string;
  readonly severities: readonly ({ readonly severity: number } & Paired)[];
}

/** What PreLayerNorm did to predictions on the same pictures, clean and corrupted. */
export interface PreLayerNormEffect {
  /**
   * `accuracy` on labelled pictures; `agreement`: share of pictures with the class that the original gives the clean picture, or, of
   * outputs that are no single class, their likeness to a clean output.
   */
  readonly of: "accuracy" | "agreement";
  readonly clean: Paired;
  /** Means over severities, in the run's order. */
  readonly corruptions: readonly CorruptionEffect[];
  /** Over `SCALE_CORRUPTIONS` and all their severities. */
  readonly colourScale: Paired;
}

/** What arXiv:2111.08413 is about: colours become stronger. */
export const SCALE_CORRUPTIONS: readonly string[] = ["contrast_enhancement", "colour_scale"];

/**
 * @param names of the original and of the mended model
 * @param cleanAgreement of outputs that are no single class: the mended model's with the original's for each clean picture
 */
export function preLayerNormEffect(
  observations: Observations,
  [before, after]: readonly [string, string],
  of: PreLayerNormEffect["of"],
  cleanAgreement?: Float64Array,
): PreLayerNormEffect {
  const scores = (model: string, condition: Condition | string): Float64Array => {
    const columns = observations.columns(model, condition);
    if (columns.outcome === "agreement") {
      if (condition === CLEAN && model === after && cleanAgreement !== undefined) return cleanAgreement;
      return agreementWith(observations.columns(model, CLEAN), columns);
    }
    const wrong = wrongOf(columns);
    return perImage(wrong.length, (image) => 1 - (wrong[image] as number));
  };
  const over = (conditions: readonly string[]): Paired =>
    paired(
      conditions.map((condition) => scores(before, condition)),
      conditions.map((condition) => scores(after, condition)),
    );
  const runs = runCorruptions(observations.conditions);
  const keysOf = ({ id, severities }: (typeof runs)[number]) =>
    severities.map((severity) => conditionKey({ corruption: id, severity } as Condition));
  return {
    of,
    clean: over([CLEAN]),
    corruptions: runs.map((run) => ({
      corruption: run.id,
      ...over(keysOf(run)),
      severities: run.severities.map((severity, i) => ({ severity, ...over([keysOf(run)[i] as string]) })),
    })),
    colourScale: over(runs.filter(({ id }) => SCALE_CORRUPTIONS.includes(id)).flatMap(keysOf)),
  };
}

/** Means over several series, of the images that have all. */
function paired(before: readonly Float64Array[], after: readonly Float64Array[]): Paired {
  const images = imagesWithAll([...before, ...after]);
  const [a, b] = [meanAt(before), meanAt(after)];
  return {
    before: shareEstimate(images, a),
    after: shareEstimate(images, b),
    difference: meanEstimate(images, (image) => b(image) - a(image), -1, 1),
  };
}
