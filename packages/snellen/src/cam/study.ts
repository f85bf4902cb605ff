// Scores ways of making heat maps (method, upsampling, layer, options) on images by every measure; and sums the scores up.
// `snellen cam-score`, the exam and the experiments are made from it.
import type { ImageInput } from "../images/image.ts";
import { ranking } from "../vision-model/ranking.ts";
import type { VisionModel } from "../vision-model/vision-model.ts";
import type { CamMap } from "./cam-map.ts";
import type { Measure, Region } from "./measures/measure.ts";
import { type ScoredMap, scoreMaps } from "./measures/score-maps.ts";
import { type Interval, summarize } from "./measures/statistics.ts";
import { camMethod } from "./methods/index.ts";
import { findObject, type ReadMask } from "./objects.ts";
import { whyNot } from "./requirements.ts";
import type { CamOptions } from "./run-cams.ts";
import { mapsAgain, mapsOf } from "./study-maps.ts";
import { classTarget } from "./targets/class.ts";
import { type ClassReference, labelIndexOf, referTo } from "./targets/class-reference.ts";

/** A way of making maps. */
export interface Configuration {
  /** How tables and files call it. */
  readonly name: string;
  readonly method: string;
  readonly upsampling: string;
  readonly options: Pick<
    CamOptions,
    "layer" | "sigma" | "remainder" | "head" | "eigenSmooth" | "augSmooth" | "seed"
  >;
}

/** Every method with every upsampling, those of pixel methods once, as none bears on them. */
export function configurations(
  methods: readonly string[],
  upsamplings: readonly string[],
  options: Configuration["options"] = {},
): Configuration[] {
  return methods.flatMap((method) => {
    if (camMethod(method).kind === "pixels")
      return [{ name: method, method, upsampling: "bilinear", options }];
    return upsamplings.map((upsampling) => ({
      name: `${method} ${upsampling}`,
      method,
      upsampling,
      options,
    }));
  });
}

/** Configurations that the network allows, and why not for the others. */
export function possible(
  model: VisionModel,
  wanted: readonly Configuration[],
): {
  readonly allowed: Configuration[];
  readonly refused: { readonly name: string; readonly reason: string }[];
} {
  const refused: { name: string; reason: string }[] = [];
  const allowed = wanted.filter(({ name, method: id, options }) => {
    const method = camMethod(id);
    // no layer bears on maps by the pixel, and networks without one have them too
    const layers = method.kind === "pixels" ? [] : [options.layer ?? "auto"].flat();
    const reason = layers
      .map((layer) => whyNot(model.info, method, model.layer(layer), options))
      .find((found) => found !== undefined);
    if (reason !== undefined) refused.push({ name, reason });
    return reason === undefined;
  });
  return { allowed, refused };
}

/** Which ways of making maps are scored, by which measures, and what the maps explain. */
export interface StudyOptions {
  readonly configurations: readonly Configuration[];
  readonly measures: readonly Measure[];
  /**
   * What is explained: the class of the annotated object where there is one (`object`), else the image's label, else the
   * highest score; or one class for all images. Default `object`.
   */
  readonly target?: "object" | ClassReference;
  /** Without it, masks are not looked at. */
  readonly readMask?: ReadMask;
  /** Of what measures draw at random. */
  readonly seed?: number;
  /** Altered inputs run at a time. */
  readonly batchSize?: number;
  readonly signal?: AbortSignal;
}

/** One configuration's scores on one image. */
export interface StudyRow {
  readonly image: string;
  /** Name of the configuration. */
  readonly configuration: string;
  readonly classIndex: number;
  readonly score: number;
  /** Share of the network's input that the object covers: the energy of a map without preference; null where it is not known. */
  readonly area: number | null;
  /** |Σ cells − score| / |score|; null where the score is zero. */
  readonly conservationError: number | null;
  readonly mapConservationError: number | null;
  /** Whether the map holds nothing positive, so that hardly a measure has a meaning. */
  readonly isEmpty: boolean;
  /** By measure id; null where it has no meaning. */
  readonly values: Readonly<Record<string, number | null>>;
}

/** All configurations' scores on one image. */
export async function studyImage(
  model: VisionModel,
  image: ImageInput,
  options: StudyOptions,
): Promise<StudyRow[]> {
  const { configurations, measures, seed, batchSize, signal } = options;
  const { classIndex, region } = await explained(model, image, options);
  const shared = { target: classTarget(model.info, classIndex), signal };
  const made = await mapsOf(model, image, configurations, shared);
  const scored = await scoreMaps({
    model,
    image,
    maps: made,
    measures,
    region,
    mapsAgain: (altered) => mapsAgain(model, altered, configurations, shared),
    seed,
    batchSize,
    signal,
  });
  return made.map((map, i) =>
    rowOf(map, (configurations[i] as Configuration).name, scored[i] as ScoredMap, region),
  );
}

function rowOf(
  map: CamMap,
  configuration: string,
  { values }: ScoredMap,
  region: Region | undefined,
): StudyRow {
  const area = region && region.mask.reduce((sum, v) => sum + v, 0) / region.mask.length;
  const finite = (value: number) => (Number.isFinite(value) ? value : null);
  return {
    image: map.source,
    configuration,
    classIndex: map.classIndex,
    score: map.score,
    area: area ?? null,
    conservationError: finite(map.conservationError),
    mapConservationError: finite(map.mapConservationError),
    isEmpty: !map.map.values.some((v) => v > 0),
    values: Object.fromEntries(Object.entries(values).map(([id, value]) => [id, value ?? null])),
  };
}

/** The class to explain and where its object lies. */
async function explained(
  model: VisionModel,
  image: ImageInput,
  { target = "object", readMask, signal }: StudyOptions,
): Promise<{ readonly classIndex: number; readonly region?: Region }> {
  const [prediction] = await model.predict([image], { signal });
  const { logits, classIndex: top } = prediction as NonNullable<typeof prediction>;
  const object = await findObject(model.info, image, logits, readMask);
  if (target === "object") {
    if (object !== undefined) return object;
    return { classIndex: labelIndexOf(model.info, image) ?? top };
  }
  const wanted = referTo(model.info, target)(image);
  const classIndex = wanted >= 0 ? wanted : (ranking(logits)[-wanted - 1] as number);
  return classIndex === object?.classIndex ? object : { classIndex };
}

/** Mean and interval of one configuration by one measure. */
export interface Score {
  readonly measure: string;
  readonly count: number;
  readonly mean: number | undefined;
  readonly interval: Interval | undefined;
}

/** One way of making maps, with its mean scores over the images. */
export interface ConfigurationScores {
  readonly configuration: Configuration;
  /** In the order of the measures; then the conservation errors, and the share of empty maps. */
  readonly scores: readonly Score[];
}

/** A configuration's score by one measure; undefined where it was not measured. */
export const scoreBy = ({ scores }: ConfigurationScores, measure: string): Score | undefined =>
  scores.find((score) => score.measure === measure);

/** Ids under which the conservation errors of cells and map are summed up beside the measures. */
export const CONSERVATION = { cells: "conservation-error", map: "map-conservation-error" } as const;

/**
 * Id of the share of images whose map holds nothing positive: they are no part of the other means, which a method that often gives
 * none would else be flattered by.
 */
export const EMPTY_MAPS = "empty-maps";

/** Values of one measure (or conservation error, or share of empty maps) by image, in the order of the rows. */
export function valuesOf(
  rows: readonly StudyRow[],
  configuration: string,
  measure: string,
): (number | undefined)[] {
  return rows
    .filter((row) => row.configuration === configuration)
    .map((row) => {
      if (measure === CONSERVATION.cells) return row.conservationError ?? undefined;
      if (measure === CONSERVATION.map) return row.mapConservationError ?? undefined;
      if (measure === EMPTY_MAPS) return row.isEmpty ? 1 : 0;
      return row.values[measure] ?? undefined;
    });
}

/** Means with 95 % bootstrap intervals. */
export function summarizeStudy(
  rows: readonly StudyRow[],
  configurations: readonly Configuration[],
  measures: readonly { readonly id: string }[],
  seed = 0,
): ConfigurationScores[] {
  const ids = [...measures.map(({ id }) => id), CONSERVATION.cells, CONSERVATION.map, EMPTY_MAPS];
  return configurations.map((configuration) => ({
    configuration,
    scores: ids.map((measure) => ({
      measure,
      ...summarize(valuesOf(rows, configuration.name, measure), { seed }),
    })),
  }));
}
