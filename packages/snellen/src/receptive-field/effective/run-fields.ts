// Accumulates R over images that are read one after the other: where it stands can be kept at any batch and gone on from, with
// the same result as without a break, and it can stop once R is known well enough.
import { ImageError } from "@snellen/graph";
import { classTarget } from "../../cam/targets/class.ts";
import { HIGHEST, type LabelledSource, labelIndexOf } from "../../cam/targets/class-reference.ts";
import type { BoundTarget } from "../../cam/targets/target.ts";
import type { ImageInput } from "../../images/image.ts";
import {
  inBatches,
  type SkippedImage,
  type Source,
  type StreamOptions,
  streamInOrder,
} from "../../images/stream.ts";
import { randomStream } from "../../random.ts";
import type { DescribedModel } from "../../vision-model/describe.ts";
import type { VisionModel } from "../../vision-model/vision-model.ts";
import { addImages, emptySums, type FieldPlan } from "./effective.ts";
import type { FieldSum } from "./field-sum.ts";

/** Where a run stands. Plain data: what `encodeProgress` writes. */
export interface FieldProgress {
  readonly sums: readonly FieldSum[];
  /** How many images were looked at; all of them unless it stopped early. */
  position: number;
  /** Images that could not be read, of those looked at. */
  readonly skipped: { readonly source: string; readonly reason: string }[];
  /** Images whose class is known, and those of them whose score was the highest; 0 where no score is asked for. */
  labelled: number;
  correct: number;
}

/** How images are run, when it is enough, and from where it goes on. */
export interface RunFieldsOptions {
  /** Images run at a time; default 8. */
  readonly batch?: number;
  /** Stops once the relative error of every sum is at most this. */
  readonly tolerance?: number;
  /** Where an earlier run stood, with the same plan, images and batch; it is changed. */
  readonly progress?: FieldProgress;
  readonly signal?: AbortSignal;
  readonly onSkip?: StreamOptions["onSkip"];
  /** Called after each batch. */
  readonly onBatch?: (progress: FieldProgress) => Promise<void> | void;
}

/** Fewer batches say too little about how much batches differ. */
const FEWEST_BATCHES = 4;

const DEFAULT_BATCH = 8;

export const noProgress = (model: VisionModel, plan: FieldPlan): FieldProgress => ({
  sums: emptySums(model, plan),
  position: 0,
  skipped: [],
  labelled: 0,
  correct: 0,
});

/** Of the order in which images are run: folders are sorted by class, and a run that stops early should have seen them all. */
const ORDER_SEED = 0;

/**
 * Runs until the images end, or R is known to `tolerance`, in an order drawn with a fixed seed.
 * @returns where it stands then; `position` is short of the images' number where it stopped early
 * @throws what `addImages` and `streamInOrder` throw; the progress given stays at the last whole batch
 */
export async function runFields(
  model: VisionModel,
  plan: FieldPlan,
  sources: readonly Source<ImageInput>[],
  options: RunFieldsOptions = {},
): Promise<FieldProgress> {
  const { batch = DEFAULT_BATCH, tolerance, progress = noProgress(model, plan), signal, onBatch } = options;
  if (isKnown(progress, tolerance)) return progress;
  const unreadable: SkippedImage[] = [];
  const lookedAt = (position: number): void => {
    for (const { source, error } of unreadable.splice(0))
      progress.skipped.push({ source, reason: error.message });
    progress.position = position;
  };
  const onSkip =
    options.onSkip &&
    ((skipped: SkippedImage): void => {
      unreadable.push(skipped);
      options.onSkip?.(skipped);
    });
  const rest = streamInOrder(restOf(sources, progress.position), { signal, onSkip });
  for await (const items of inBatches(orNothing(rest, progress), batch)) {
    const images = items.map(({ image }) => image);
    const { predicted } = await addImages(model, plan, progress.sums, images, signal);
    count(model.info, progress, images, predicted);
    lookedAt(items.at(-1)?.next ?? progress.position);
    await onBatch?.(progress);
    if (isKnown(progress, tolerance)) return progress;
  }
  lookedAt(sources.length);
  return progress;
}

/** The images behind a place in the order, each with the place behind it. */
const restOf = (sources: readonly Source<ImageInput>[], first: number) =>
  randomStream(ORDER_SEED)
    .permutation(sources.length)
    .slice(first)
    .map((index, i) => {
      const { source, read } = sources[index] as Source<ImageInput>;
      return { source, read: async () => ({ next: first + i + 1, image: await read() }) };
    });

/** That no image of the rest can be read is no failure where earlier ones could. */
async function* orNothing<T>(
  images: AsyncIterable<T>,
  { sums }: FieldProgress,
): AsyncGenerator<T, void, void> {
  try {
    yield* images;
  } catch (error) {
    const isUnreadable = error instanceof ImageError && error.code === "no-readable-image";
    if (!isUnreadable || (sums[0]?.n ?? 0) === 0) throw error;
  }
}

function count(
  info: DescribedModel,
  progress: FieldProgress,
  images: readonly ImageInput[],
  predicted: readonly number[],
): void {
  predicted.forEach((index, i) => {
    const label = labelIndexOf(info, images[i] as ImageInput);
    if (label === undefined) return;
    progress.labelled++;
    if (label === index) progress.correct++;
  });
}

const isKnown = ({ sums }: FieldProgress, tolerance: number | undefined): boolean =>
  tolerance !== undefined &&
  sums.every(({ batches, curve }) => {
    const error = curve.at(-1)?.relativeError;
    return batches >= FEWEST_BATCHES && error !== undefined && error <= tolerance;
  });

/** Name of the target that is an image's label where it has one. */
export const LABELLED_OR_PREDICTED = "label or top1";

/** The score of an image's own class where it is known, of the predicted class elsewhere. */
export const labelledOrPredicted = (info: DescribedModel): BoundTarget => ({
  ...classTarget(info, "top1"),
  name: LABELLED_OR_PREDICTED,
  feed: (image: LabelledSource) => [[labelIndexOf(info, image) ?? HIGHEST]],
});
