// Runs measures on the maps of one image: altered inputs are made one by one and scored in batches that reach across maps and
// measures; inputs that several measures want are scored once.
import { UsageError } from "@snellen/graph";
import type { ImageInput, PreprocessedImage } from "../../images/image.ts";
import type { PreprocessSpec } from "../../images/preprocess-spec.ts";
import { preprocessedOf, withValues } from "../../images/preprocessed.ts";
import type { VisionModel } from "../../vision-model/vision-model.ts";
import type { Grid } from "../cam-map.ts";
import { inputUnits } from "./input-units.ts";
import type { Evidence, Measure, Need, Perturbation, Region, Subject } from "./measure.ts";
import { keptRegion } from "./perturbations/masked.ts";
import { probabilityOf } from "./probability.ts";
import { maskOf, subjectOf } from "./subject.ts";

/** What of a `CamMap` is measured. */
export interface MeasuredMap {
  /** [H, W] of the network's input. */
  readonly map: Grid;
  readonly classIndex: number;
}

export interface ScoreMapsOptions {
  readonly model: VisionModel;
  readonly image: ImageInput;
  readonly maps: readonly MeasuredMap[];
  readonly measures: readonly Measure[];
  /** Where the object lies on the network's input (`regionOf`). */
  readonly region?: Region;
  /** For each altered image the map by the same method and for the same class as the one at its place in `maps`. */
  readonly mapsAgain?: (
    images: readonly (PreprocessedImage | undefined)[],
  ) => Promise<readonly (Grid | undefined)[]>;
  /** Default 0. */
  readonly seed?: number;
  /** Altered inputs held and run at a time; default 16. */
  readonly batchSize?: number;
  readonly signal?: AbortSignal;
}

export interface ScoredMap {
  /** By measure id; undefined where the measure has no meaning for this map. */
  readonly values: Readonly<Record<string, number | undefined>>;
  /** By measure id, in words: why there is no value. */
  readonly reasons: Readonly<Record<string, string>>;
  /** By perturbation id: probabilities of the explained class, the points of the insertion and deletion curves among them. */
  readonly probabilities: Readonly<Record<string, readonly number[]>>;
}

const BATCH = 16;

const WHY_NOT: Readonly<Record<Need, string>> = {
  region: "the object's box or mask is not known, or lies outside of what the network sees",
  "map-again": "maps of altered images cannot be made here",
};
const NOTHING_POSITIVE = "the map holds nothing positive";
const NO_MEANING = "the probability of the class is zero";

/**
 * The measures of each map, in the order of `maps`.
 * @throws UsageError `wrong-map-size`; what `model.predict` and `mapsAgain` throw
 */
export async function scoreMaps(options: ScoreMapsOptions): Promise<ScoredMap[]> {
  const { model, image, maps, measures, region, seed = 0 } = options;
  const { spec } = model.info.preprocessing;
  const input = preprocessedOf(spec, image);
  const units = inputUnits(spec);
  const subjects = maps.map(({ map }) => {
    checkSize(map, spec);
    return subjectOf(map, input.values, units, seed);
  });
  const possible = measures.filter((m) => missingNeed(m, options) === undefined);
  const perturbations = [...new Set(possible.flatMap((m) => m.perturbations))];
  const before = await scoresBefore(options, input, perturbations.length > 0);
  const after = await scoresAfter(options, input, subjects, perturbations);
  const isAgain = possible.some((m) => m.needs.includes("map-again"));
  const again = isAgain ? await masksAgain(options, spec, input, subjects) : [];
  return maps.map(({ classIndex }, index) => {
    const subject = subjects[index];
    if (subject === undefined) return without(measures);
    const byPerturbation = after[index] as ReadonlyMap<Perturbation, number[]>;
    const evidence: Evidence = {
      subject,
      probability: before === undefined ? Number.NaN : probabilityOf(model.info, before, classIndex),
      after: (perturbation) => byPerturbation.get(perturbation) ?? [],
      region,
      mapAgain: again[index],
    };
    return judge(options, evidence, byPerturbation);
  });
}

function checkSize({ dims, values }: Grid, { size }: PreprocessSpec): void {
  if (dims[0] === size[0] && dims[1] === size[1] && values.length === size[0] * size[1]) return;
  throw new UsageError(
    "wrong-map-size",
    `a map of ${dims.join("x")} does not lie on an input of ${size.join("x")}.`,
    {
      hint: "Measure the upsampled map, not the cells.",
    },
  );
}

const missingNeed = (measure: Measure, { region, mapsAgain }: ScoreMapsOptions): Need | undefined => {
  const given = { region, "map-again": mapsAgain };
  return measure.needs.find((need) => given[need] === undefined);
};

async function scoresBefore(
  { model, signal }: ScoreMapsOptions,
  input: PreprocessedImage,
  isWanted: boolean,
): Promise<Float32Array | undefined> {
  if (!isWanted) return undefined;
  const [prediction] = await model.predict([input], { signal });
  return prediction?.logits;
}

/** For each map the probabilities of every perturbation. */
async function scoresAfter(
  { model, maps, batchSize = BATCH, signal }: ScoreMapsOptions,
  input: PreprocessedImage,
  subjects: readonly (Subject | undefined)[],
  perturbations: readonly Perturbation[],
): Promise<ReadonlyMap<Perturbation, number[]>[]> {
  const { spec } = model.info.preprocessing;
  const found = maps.map(() => new Map(perturbations.map((p) => [p, [] as number[]])));
  for (const jobs of inBatches(jobsOf(subjects, perturbations), batchSize)) {
    signal?.throwIfAborted();
    const images = jobs.map(({ values }) => withValues(spec, input, values));
    const predictions = await model.predict(images, { signal });
    jobs.forEach(({ index, perturbation }, i) => {
      const { classIndex } = maps[index] as MeasuredMap;
      const probability = probabilityOf(model.info, predictions[i]?.logits as Float32Array, classIndex);
      found[index]?.get(perturbation)?.push(probability);
    });
  }
  return found;
}

interface Job {
  readonly index: number;
  readonly perturbation: Perturbation;
  readonly values: Float32Array;
}

function* jobsOf(
  subjects: readonly (Subject | undefined)[],
  perturbations: readonly Perturbation[],
): Generator<Job, void, void> {
  for (const [index, subject] of subjects.entries()) {
    if (subject === undefined) continue;
    for (const perturbation of perturbations)
      for (const values of perturbation.inputs(subject)) yield { index, perturbation, values };
  }
}

function* inBatches<T>(items: Iterable<T>, size: number): Generator<T[], void, void> {
  let batch: T[] = [];
  for (const item of items) {
    batch.push(item);
    if (batch.length < size) continue;
    yield batch;
    batch = [];
  }
  if (batch.length > 0) yield batch;
}

/** The maps of the image multiplied by each map, rectified; zeros where they hold nothing positive. */
async function masksAgain(
  { mapsAgain, signal }: ScoreMapsOptions,
  spec: PreprocessSpec,
  input: PreprocessedImage,
  subjects: readonly (Subject | undefined)[],
): Promise<(Float32Array | undefined)[]> {
  signal?.throwIfAborted();
  const altered = subjects.map((subject) => subject && withValues(spec, input, keptRegion(subject)));
  const maps = (await mapsAgain?.(altered)) ?? [];
  return maps.map((map) => map && (maskOf(map) ?? new Float32Array(map.values.length)));
}

const without = (measures: readonly Measure[]): ScoredMap => ({
  values: Object.fromEntries(measures.map(({ id }) => [id, undefined])),
  reasons: Object.fromEntries(measures.map(({ id }) => [id, NOTHING_POSITIVE])),
  probabilities: {},
});

function judge(
  options: ScoreMapsOptions,
  evidence: Evidence,
  probabilities: ReadonlyMap<Perturbation, number[]>,
): ScoredMap {
  const values: Record<string, number | undefined> = {};
  const reasons: Record<string, string> = {};
  for (const measure of options.measures) {
    const missing = missingNeed(measure, options);
    const value = missing === undefined ? measure.measure(evidence) : undefined;
    values[measure.id] = value;
    if (value === undefined) reasons[measure.id] = missing === undefined ? NO_MEANING : WHY_NOT[missing];
  }
  const byId = [...probabilities].map(([{ id }, list]) => [id, list] as const);
  return { values, reasons, probabilities: Object.fromEntries(byId) };
}
