// Each image's outcomes under one corruption, summed over its severities: what errors, agreement and flips of a corruption are means
// of. Flips: derived here after ImageNet-P's flip probability (Hendrycks & Dietterich 2019), whose frames of a video are severities.
import { severities } from "../../corruptions/corruption.ts";
import { CLEAN, type CorruptedCondition, parseCondition } from "../condition.ts";
import type { Columns } from "../observation-columns.ts";
import type { Observations, ObservedModel } from "../observations.ts";
import type { PerImage } from "./estimates.ts";

/** One number an image; NaN where one of its outcomes is missing. All are shares, 0 to 1. */
export interface ImageScores {
  /** Of severities that it is wrong at. NaN also without a label. */
  readonly error: Float64Array;
  /** Mean agreement with the clean picture over severities. */
  readonly agreement: Float64Array;
  /** Of steps from a severity to the next that change the prediction. NaN without such steps. */
  readonly flips: Float64Array;
  /** Whether the prediction changes from the clean picture to severity 1. NaN without that severity. */
  readonly flipsFromClean: Float64Array;
}

/** A corruption of a run, with the severities that it was run at, rising. */
export interface RunCorruption {
  readonly id: string;
  readonly severities: readonly number[];
}

/** The corruptions of a run in its own order. */
export function runCorruptions(conditions: readonly string[]): RunCorruption[] {
  const parsed = conditions.map(parseCondition).filter((c): c is CorruptedCondition => c !== CLEAN);
  return [...new Set(parsed.map(({ corruption }) => corruption))].map((id) => ({
    id,
    severities: severities.filter((s) => parsed.some((c) => c.corruption === id && c.severity === s)),
  }));
}

/** Whether each image's prediction is wrong: 0 or 1, NaN without a label or an outcome. */
export const wrongOf = (columns: Columns): Float64Array =>
  columns.outcome === "agreement"
    ? unknown(columns.agreement.length)
    : perImage(columns.rank.length, (image) => {
        const rank = columns.rank[image] as number;
        return rank < 0 ? Number.NaN : Number(rank > 0);
      });

/** A number for each image. */
export function perImage(imageCount: number, of: PerImage): Float64Array {
  // not by Float64Array.from, which takes ten times as long
  const values = new Float64Array(imageCount);
  for (let image = 0; image < imageCount; image++) values[image] = of(image);
  return values;
}

/** An image's mean over several series. */
export const meanAt =
  (series: readonly Float64Array[]) =>
  (image: number): number => {
    let sum = 0;
    for (const own of series) sum += own[image] as number;
    return sum / series.length;
  };

/** Each image's mean over several series, NaN over none. */
export const averaged = (imageCount: number, all: readonly Float64Array[]): Float64Array =>
  perImage(imageCount, meanAt(all));

/** How an outcome agrees with the clean picture's; NaN where one of them is missing. */
export function agreementWith(clean: Columns, columns: Columns): Float64Array {
  if (columns.outcome === "agreement") return Float64Array.from(columns.agreement);
  if (clean.outcome === "agreement") return unknown(columns.predicted.length);
  return compareClasses(clean.predicted, columns.predicted, 1);
}

const unknown = (imageCount: number) => new Float64Array(imageCount).fill(Number.NaN);

/** `same` where both are one class, 1 − `same` where not, NaN where one is missing. */
const compareClasses = (first: Int32Array, second: Int32Array, same: 0 | 1): Float64Array =>
  perImage(first.length, (image) => {
    const [k, l] = [first[image] as number, second[image] as number];
    if (k < 0 || l < 0) return Number.NaN;
    return k === l ? same : 1 - same;
  });

/** One model's scores, of which all its figures are means. */
export interface ModelScores {
  readonly model: ObservedModel;
  /** Whether the clean picture's prediction is wrong: 0 or 1, NaN without a label or an outcome. */
  readonly cleanError: Float64Array;
  /** By corruption, in the run's order. */
  readonly corruptions: ReadonlyMap<string, ImageScores & RunCorruption>;
}

export function modelScores(observations: Observations, model: ObservedModel): ModelScores {
  const corruptions = runCorruptions(observations.conditions).map(
    (corruption) =>
      [corruption.id, { ...corruption, ...imageScores(observations, model.name, corruption) }] as const,
  );
  return {
    model,
    cleanError: wrongOf(observations.columns(model.name, CLEAN)),
    corruptions: new Map(corruptions),
  };
}

/** Images for which every one of the series has a number. */
export function imagesWithAll(series: readonly Float64Array[]): Int32Array {
  const count = series[0]?.length ?? 0;
  const isMissing = new Uint8Array(count);
  for (const own of series)
    for (let image = 0; image < count; image++) if (Number.isNaN(own[image])) isMissing[image] = 1;
  const images = new Int32Array(count);
  let found = 0;
  for (let image = 0; image < count; image++) if (isMissing[image] === 0) images[found++] = image;
  return images.slice(0, found);
}

/** All four of one model under one corruption. */
function imageScores(observations: Observations, model: string, corruption: RunCorruption): ImageScores {
  const clean = observations.columns(model, CLEAN);
  const at = (severity: number): Columns => observations.columns(model, `${corruption.id}/${severity}`);
  const levels = corruption.severities;
  const steps = levels.filter((s) => levels.includes(s + 1));
  const flipped = (from: Columns, to: Columns): Float64Array =>
    from.outcome === "class" && to.outcome === "class"
      ? compareClasses(from.predicted, to.predicted, 0)
      : unknown(observations.imageCount);
  const mean = (own: readonly number[], values: (severity: number) => Float64Array) =>
    averaged(observations.imageCount, own.map(values));
  return {
    error: mean(levels, (s) => wrongOf(at(s))),
    agreement: mean(levels, (s) => agreementWith(clean, at(s))),
    flips: mean(steps, (s) => flipped(at(s), at(s + 1))),
    flipsFromClean: mean(
      levels.filter((s) => s === 1),
      (s) => flipped(clean, at(s)),
    ),
  };
}
