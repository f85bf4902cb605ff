// Figures of one model: by condition, by corruption, and in a line.
import { severities } from "../../corruptions/corruption.ts";
import { CLEAN } from "../condition.ts";
import type { Observations } from "../observations.ts";
import { type Calibration, calibrationOf } from "./calibration.ts";
import { conditionFigures, meanShare } from "./condition-figures.ts";
import { type Estimate, estimateOf, mapEstimate, noEstimate, shareEstimate } from "./estimates.ts";
import {
  type ImageScores,
  imagesWithAll,
  type ModelScores,
  meanAt,
  type RunCorruption,
} from "./image-scores.ts";
import { type CeKind, corruptionErrors } from "./mean-corruption-error.ts";
import type { Reference } from "./reference.ts";
import type { CorruptionFigures, ModelFigures, NamedEstimate, SummaryFigures } from "./result-types.ts";
import { ceName, summarySet } from "./summary-set.ts";

export function modelFigures(
  observations: Observations,
  scores: ModelScores,
  reference: Reference,
): ModelFigures {
  const { model } = scores;
  const conditions = observations.conditions.map((key) => conditionFigures(observations, model, key));
  const eceOf = (id: string): number | null =>
    meanOrNull(conditions.filter(({ corruption }) => corruption === id).map(({ ece }) => ece));
  const corruptions = [...scores.corruptions.values()].map((own) => ({
    ...corruptionFigures(scores, own, reference),
    ece: eceOf(own.id),
  }));
  return {
    name: model.name,
    outcome: model.outcome,
    classes: model.classes ?? null,
    summary: { ...summaryFigures(scores, reference), ece: summaryEce(conditions, summarySet(scores)) },
    corruptions,
    conditions,
    calibration: calibrations(observations, scores),
  };
}

function corruptionFigures(
  scores: ModelScores,
  own: ImageScores & RunCorruption,
  reference: Reference,
): Omit<CorruptionFigures, "ece"> {
  return {
    corruption: own.id,
    severities: own.severities,
    error: meanShare(own.error),
    ce: singleCe(scores, own, reference),
    relativeCe: ceOver("relative", scores, [own], reference).estimate,
    agreement: meanShare(own.agreement),
    flips: meanShare(own.flips),
    flipsFromClean: meanShare(own.flipsFromClean),
  };
}

/** Over a known number it is the error in another unit, its interval too. */
function singleCe(scores: ModelScores, own: ImageScores & RunCorruption, reference: Reference): Estimate {
  const known = reference.error(own)?.of;
  return typeof known === "number"
    ? mapEstimate(meanShare(own.error), (error) => error / known)
    : ceOver("ce", scores, [own], reference).estimate;
}

function ceOver(
  kind: CeKind,
  scores: ModelScores,
  corruptions: readonly RunCorruption[],
  reference: Reference,
): { readonly estimate: Estimate; readonly count: number } {
  const { images, mean, count } = corruptionErrors(kind, scores, corruptions, reference);
  const least = kind === "ce" ? 0 : undefined;
  return { estimate: mean === undefined ? noEstimate(images.length) : estimateOf(mean, least), count };
}

function summaryFigures(scores: ModelScores, reference: Reference): Omit<SummaryFigures, "ece"> {
  const set = summarySet(scores);
  const own = set.map(({ id }) => scores.corruptions.get(id) as ImageScores);
  const meanError = meanOfAll(own.map(({ error }) => error));
  const named = (kind: CeKind): NamedEstimate => {
    const { estimate, count } = ceOver(kind, scores, set, reference);
    return { ...estimate, name: ceName(kind, count, set) };
  };
  return {
    corruptions: set.map(({ id }) => id),
    cleanError: meanShare(scores.cleanError),
    meanError,
    meanAccuracy: mapEstimate(meanError, (v) => 1 - v),
    mce: named("ce"),
    relativeMce: named("relative"),
    agreement: meanOfAll(own.map(({ agreement }) => agreement)),
    flips: meanOfAll(own.map(({ flips }) => flips)),
    flipsFromClean: meanOfAll(own.map(({ flipsFromClean }) => flipsFromClean)),
  };
}

/** Mean over images that have all, each image's own mean over corruptions. */
function meanOfAll(series: readonly Float64Array[]): Estimate {
  return shareEstimate(imagesWithAll(series), meanAt(series));
}

function summaryEce(
  conditions: ModelFigures["conditions"],
  set: readonly RunCorruption[],
): SummaryFigures["ece"] {
  const clean = conditions.find(({ corruption }) => corruption === null);
  const corrupted = conditions.filter((c) => set.some(({ id }) => id === c.corruption));
  const counts = [...(clean === undefined ? [] : [clean]), ...corrupted].map(({ accuracy }) => accuracy.n);
  return {
    clean: clean?.ece ?? null,
    cleanByChance: clean?.eceByChance ?? null,
    corrupted: meanOrNull(corrupted.map(({ ece }) => ece)),
    corruptedByChance: meanOrNull(corrupted.map(({ eceByChance }) => eceByChance)),
    images: counts.length === 0 ? 0 : Math.min(...counts),
  };
}

/** Null where any is. */
function meanOrNull(values: readonly (number | null)[]): number | null {
  const known = values.filter((v) => v !== null);
  if (known.length === 0 || known.length < values.length) return null;
  return known.reduce((sum, v) => sum + v, 0) / known.length;
}

function calibrations(observations: Observations, scores: ModelScores): ModelFigures["calibration"] {
  const { name, outcome } = scores.model;
  if (outcome !== "class") return [];
  const set = summarySet(scores);
  const of = (keys: readonly string[]): Calibration =>
    calibrationOf(keys.map((key) => observations.columns(name, key)).filter((c) => c.outcome === "class"));
  const corrupted = severities.flatMap((severity) => {
    const keys = set.filter((c) => c.severities.includes(severity)).map(({ id }) => `${id}/${severity}`);
    return keys.length === 0 ? [] : [{ severity, ...of(keys) }];
  });
  return [{ severity: 0, ...of([CLEAN]) }, ...corrupted];
}
