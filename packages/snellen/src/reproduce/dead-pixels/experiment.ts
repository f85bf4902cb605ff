// The experiment behind the dead pixel test (arXiv:2108.13576): are fields Gaussian, does their size tell accuracy, which networks have
// a checkerboard, what does padding change, before and by training, do perturbed pixels bear R out? Results are stated as they fall.
import { ImageError, type ReadRange, UsageError } from "@snellen/graph";
import { evenly } from "../../images/evenly.ts";
import type { ImageInput } from "../../images/image.ts";
import type { Source } from "../../images/stream.ts";
import { accumulation } from "../../receptive-field/effective/accumulation.ts";
import { centreCell } from "../../receptive-field/effective/field-graph.ts";
import { labelledOrPredicted } from "../../receptive-field/effective/run-fields.ts";
import type { FeatureLayer } from "../../vision-model/layers.ts";
import { parameterCount } from "../../vision-model/parameters.ts";
import type { VisionModel } from "../../vision-model/vision-model.ts";
import type { Skipped } from "../extended-cam/experiment.ts";
import { type Refused, unlessRefused } from "../unless-refused.ts";
import { type Checkerboard, checkerboardOf } from "./checkerboard.ts";
import { type FamilyTraining, trainFamily } from "./family.ts";
import { dealt, type FieldPart, fieldPart } from "./field-parts.ts";
import { type FieldSize, sizeOfField } from "./gaussian-size.ts";
import { type DeadPixelTraining, padAndTrain, type TrainingContext } from "./padded-trainings.ts";
import { type PaddingTest, paddingTest } from "./padding-trial.ts";
import { type PerturbationTest, perturbationTest } from "./perturbation-trial.ts";
import { type TrainingRegime, trainingRegime } from "./training-effort.ts";
import type { TrainingRun } from "./trainings.ts";

/** One network on one set of images. */
export interface DeadPixelTrial {
  readonly name: string;
  /** Networks are compared within a data set only. */
  readonly dataset: string;
  readonly model: VisionModel;
  readonly entries: readonly Source<ImageInput>[];
  /** Reads weights that are not in memory; needed where kernels to pad are among them. */
  readonly readExternal?: ReadRange;
}

/** Results that can be kept, and gone on from. */
export interface Kept {
  readonly part: FieldPart;
  readonly padding: PaddingTest;
  readonly perturbation: PerturbationTest;
  /** Of whatever is plain data, by a key that tells what. */
  readonly training: unknown;
}

/** How many pixels the experiment perturbs, what it trains, and what an interrupted run made. */
export interface DeadPixelOptions {
  /** Of the pixels drawn, and of resampling. */
  readonly seed: number;
  /** Images run at a time; default 8. */
  readonly batch?: number;
  /** Pixels perturbed, and the images that they are perturbed in. */
  readonly pixels: number;
  readonly perturbedImages: number;
  /** Without it nothing is trained, and what only trainings tell is not measured. */
  readonly training?: DeadPixelTraining;
  readonly signal?: AbortSignal;
  /** What was made before, by kind and key; undefined when it must be made. */
  readonly recall?: <K extends keyof Kept>(kind: K, key: string) => Kept[K] | undefined;
  readonly keep?: <K extends keyof Kept>(kind: K, key: string, value: Kept[K]) => Promise<void>;
  readonly onProgress?: (step: string, done: number) => void;
}

/** Plain data; null where a part of the experiment was refused (`refused` says why) or a number is not known. */
export interface NetworkResult {
  readonly name: string;
  readonly dataset: string;
  /** Images that could be used. */
  readonly images: number;
  readonly labelled: number;
  /** Share of the labelled images whose class has the highest score. */
  readonly accuracy: number | null;
  readonly parameters: number;
  /** Whether it rounds values on the way, so that small changes of pixels may be lost. */
  readonly isQuantized: boolean;
  readonly size: FieldSize | null;
  readonly checkerboard: Checkerboard | null;
  readonly padding: PaddingTest | null;
  readonly perturbation: PerturbationTest | null;
  readonly refused: readonly Refused[];
  readonly skipped: readonly Skipped[];
}

/** What the experiment on dead pixels (arXiv:2108.13576) found. Plain data. */
export interface DeadPixelExperiment {
  readonly version: 1;
  readonly seed: number;
  readonly networks: readonly NetworkResult[];
  /** With and without padded kernels; empty where nothing was trained, as `family` is. */
  readonly trainings: readonly TrainingRun[];
  readonly family: readonly FamilyTraining[];
  /** What was trained on, how long; null where nothing was. */
  readonly regime: TrainingRegime | null;
}

const DEFAULT_BATCH = 8;
const ACCUMULATION = accumulation("dead-pixels");

/**
 * Runs the experiment.
 * @throws UsageError `too-few-images` for less than two images of a network; ImageError `no-readable-image` where none of a
 *   network's can be used
 */
export async function reproduceDeadPixels(
  trials: readonly DeadPixelTrial[],
  options: DeadPixelOptions,
): Promise<DeadPixelExperiment> {
  trials.forEach(requireImages);
  const networks: NetworkResult[] = [];
  for (const trial of trials) networks.push(await tested(trial, options));
  return { version: 1, seed: options.seed, networks, ...(await trainings(options)) };
}

async function trainings({
  training,
  recall,
  keep,
  ...study
}: DeadPixelOptions): Promise<Pick<DeadPixelExperiment, "trainings" | "family" | "regime">> {
  if (training === undefined) return { trainings: [], family: [], regime: null };
  const context: TrainingContext = {
    ...study,
    recall: (key) => recall?.("training", key),
    keep: async (key, value) => await keep?.("training", key, value),
  };
  return {
    trainings: await padAndTrain(training, context),
    family: await trainFamily(training, context),
    regime: trainingRegime(training),
  };
}

function requireImages({ name, entries }: DeadPixelTrial): void {
  if (entries.length >= 2) return;
  throw new UsageError(
    "too-few-images",
    `${entries.length} images of ${name}; how well R is known shows from two on.`,
    { where: "--images", hint: "Give at least two, better a hundred, and --limit 2 or more." },
  );
}

async function tested(trial: DeadPixelTrial, options: DeadPixelOptions): Promise<NetworkResult> {
  const { info } = trial.model;
  const refused: Refused[] = [];
  const layer = await unlessRefused("size", refused, async () => cellLayer(trial.model));
  const layers = layer === undefined ? [] : [layer];
  const made =
    (await unlessRefused("fields", refused, () => partsOf(trial, layers, options))) ?? ([] as FieldPart[]);
  const parts = made.filter(({ images }) => images > 0);
  const skipped = made.flatMap((part) => part.skipped);
  if (made.length > 0 && parts.length === 0) throw noneReadable(trial, skipped);
  const hasParts = parts.length > 0;
  const { perturbedImages } = options;
  const total = (of: "images" | "labelled" | "correct") => parts.reduce((sum, part) => sum + part[of], 0);
  const labelled = total("labelled");
  return {
    name: trial.name,
    dataset: trial.dataset,
    images: total("images"),
    labelled,
    accuracy: labelled > 0 ? total("correct") / labelled : null,
    parameters: parameterCount(info),
    isQuantized: info.model.graph.nodes.some(({ opType }) => opType.endsWith("QuantizeLinear")),
    size: hasParts && layer !== undefined ? sizeOfField(info, layer, parts, 0, ACCUMULATION) : null,
    checkerboard: hasParts ? checkerboardOf(info, parts, layers.length) : null,
    padding: (await unlessRefused("kernel padding", refused, () => padding(trial, options))) ?? null,
    perturbation:
      perturbedImages === 0
        ? null
        : ((await unlessRefused("perturbation", refused, () => perturbation(trial, options))) ?? null),
    refused,
    skipped,
  };
}

/** The default layer, if its map has cells. @throws UsageError `no-spatial-layer`, `one-cell-map` */
function cellLayer(model: VisionModel): FeatureLayer {
  const layer = model.layer();
  centreCell(layer);
  return layer;
}

const noneReadable = ({ name, entries }: DeadPixelTrial, skipped: readonly Skipped[]): ImageError =>
  new ImageError("no-readable-image", `none of the ${entries.length} images of ${name} could be used.`, {
    where: "--images",
    hint: `The first: ${skipped[0]?.reason}`,
  });

async function kept<K extends keyof Kept>(
  kind: K,
  key: string,
  { recall, keep }: DeadPixelOptions,
  make: () => Promise<Kept[K] | undefined>,
): Promise<Kept[K] | undefined> {
  const known = recall?.(kind, key);
  if (known !== undefined) return known;
  const made = await make();
  if (made !== undefined) await keep?.(kind, key, made);
  return made;
}

async function partsOf(
  { name, model, entries }: DeadPixelTrial,
  layers: readonly FeatureLayer[],
  options: DeadPixelOptions,
): Promise<FieldPart[]> {
  const { batch = DEFAULT_BATCH, signal, onProgress } = options;
  const plan = { layers, target: labelledOrPredicted(model.info), accumulation: ACCUMULATION };
  const shares = dealt(entries);
  const parts: FieldPart[] = [];
  for (const [i, share] of shares.entries()) {
    signal?.throwIfAborted();
    const part = await kept("part", `${name} ${i}`, options, () =>
      fieldPart(model, plan, share, { batch, signal }),
    );
    if (part !== undefined) parts.push(part);
    onProgress?.(`${name}, fields`, (i + 1) / shares.length);
  }
  return parts;
}

/** On one part of the images: what does not change can be seen on few. */
function padding(trial: DeadPixelTrial, options: DeadPixelOptions): Promise<PaddingTest | undefined> {
  const { name, model, entries, readExternal } = trial;
  const { batch = DEFAULT_BATCH, signal, onProgress } = options;
  onProgress?.(`${name}, kernel padding`, 0);
  const plan = { layers: [], target: labelledOrPredicted(model.info), accumulation: ACCUMULATION };
  return kept("padding", name, options, () =>
    paddingTest(model, plan, dealt(entries)[0] ?? [], { batch, signal, readExternal }),
  );
}

function perturbation(
  { name, model, entries }: DeadPixelTrial,
  options: DeadPixelOptions,
): Promise<PerturbationTest | undefined> {
  const { pixels, perturbedImages, seed, batch, signal, onProgress } = options;
  return kept("perturbation", name, options, () =>
    perturbationTest(model, evenly(entries, perturbedImages), {
      target: labelledOrPredicted(model.info),
      pixels,
      seed,
      batch,
      signal,
      onProgress: (done) => onProgress?.(`${name}, perturbed pixels`, done),
    }),
  );
}
