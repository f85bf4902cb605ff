// The numbers of a trained network that the experiment compares, from its outcomes and from what was measured of z₀. Derived here.
import { contrastEnhancement } from "../../corruptions/colour/contrast-enhancement.ts";
import { corruption } from "../../corruptions/index.ts";
import { CLEAN } from "../../robustness/condition.ts";
import { meanShare } from "../../robustness/figures/condition-figures.ts";
import { runCorruptions } from "../../robustness/figures/image-scores.ts";
import { errorSeries } from "../../robustness/figures/losses.ts";
import type { Observations } from "../../robustness/observations.ts";
import { meanOf } from "../claims-section.ts";
import type { ScaleResult } from "./result.ts";
import type { PreLayerNormTraining, ScaleFactor } from "./trainings.ts";

type Accuracies = Pick<PreLayerNormTraining, "clean" | "corrupted" | "enhanced" | "corruptions">;

/** Shares of images, by corruption and severity, and means of them. */
export function accuraciesOf(observations: Observations, name: string, ids: readonly string[]): Accuracies {
  const accuracy = (key: string): number =>
    1 - (meanShare(errorSeries(observations, name, [key])).value ?? Number.NaN);
  const corruptions = runCorruptions(observations.conditions).map(({ id, severities }) => ({
    id,
    accuracies: severities.map((severity) => accuracy(`${id}/${severity}`)),
  }));
  const meanUnder = (wanted: readonly string[]): number | null => {
    const own = corruptions.filter(({ id }) => wanted.includes(id));
    return own.length === 0 ? null : meanOf(own.map(({ accuracies }) => meanOf(accuracies)));
  };
  return {
    clean: accuracy(CLEAN),
    corrupted: meanUnder(ids.filter((id) => corruption(id).imagenetC !== undefined)),
    enhanced: meanUnder([contrastEnhancement.id]),
    corruptions,
  };
}

/** The means over images, without their intervals: what varies here is the training. */
export const scaleFactors = (results: readonly ScaleResult[]): ScaleFactor[] =>
  results.flatMap(({ direction, rows }) =>
    rows.flatMap(({ family, factor, ratio, cosine }) =>
      ratio.value === null || cosine.value === null
        ? []
        : [{ direction, family, factor, ratio: ratio.value, cosine: cosine.value }],
    ),
  );

/** Least mean cosine with the clean picture's z₀ at any factor; null where nothing was measured. */
export const leastCosine = ({ scales }: Pick<PreLayerNormTraining, "scales">): number | null =>
  scales.length === 0 ? null : Math.min(...scales.map(({ cosine }) => cosine));

/** How many times |x| / |E_pos| is that of clean pictures, or the other way round, at the factor where it differs most. */
export function largestRatioChange({ scales }: Pick<PreLayerNormTraining, "scales">): number | null {
  const clean = scales.find(({ factor }) => factor === 1)?.ratio;
  if (clean === undefined) return null;
  return Math.max(...scales.map(({ ratio }) => Math.max(ratio / clean, clean / ratio)));
}
