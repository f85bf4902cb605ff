// Accumulates R over images that are read one after the other: where it stands can be kept at any batch and gone on from, with
// the same result as without a break, and it can stop once R is known well enough.
import { classTarget } from "../../cam/targets/class.ts";
import { HIGHEST, type LabelledSource, labelIndexOf } from "../../cam/targets/class-reference.ts";
import type { BoundTarget } from "../../cam/targets/target.ts";
import type { ImageInput } from "../../images/image.ts";
import { inBatches, type Source, type StreamOptions, streamInOrder } from "../../images/stream.ts";
import type { DescribedModel } from "../../vision-model/describe.ts";
import type { VisionModel } from "../../vision-model/vision-model.ts";
import { addImages, emptySums, type FieldPlan } from "./effective.ts";
import type { FieldSum } from "./field-sum.ts";

/** Where a run stands. Plain data: what `encodeProgress` writes. */
export interface FieldProgress {
  readonly sums: readonly FieldSum[];
  /** Index of the first image that was not read yet. */
  position: number;
  /** Images whose class is known, and those of them whose score was the highest; 0 where no score is asked for. */
  labelled: number;
  correct: number;
}

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
  labelled: 0,
  correct: 0,
});

/**
 * Runs until the images end, or R is known to `tolerance`.
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
  const first = progress.position;
  const rest = sources.slice(first).map(({ source, read }, i) => ({
    source,
    read: async () => ({ next: first + i + 1, image: await read() }),
  }));
  for await (const items of inBatches(streamInOrder(rest, options), batch)) {
    const images = items.map(({ image }) => image);
    const { predicted } = await addImages(model, plan, progress.sums, images, signal);
    const known = predicted.flatMap((index, i) => {
      const label = labelIndexOf(model.info, images[i] as ImageInput);
      return label === undefined ? [] : [label === index];
    });
    progress.labelled += known.length;
    progress.correct += known.filter((isRight) => isRight).length;
    progress.position = items.at(-1)?.next ?? progress.position;
    await onBatch?.(progress);
    if (isKnown(progress, tolerance)) break;
  }
  return progress;
}

const isKnown = ({ sums }: FieldProgress, tolerance: number | undefined): boolean =>
  tolerance !== undefined &&
  sums.every(({ batches, curve }) => {
    const error = curve.at(-1)?.relativeError;
    return batches >= FEWEST_BATCHES && error !== undefined && error <= tolerance;
  });

/** The score of an image's own class where it is known, of the predicted class elsewhere. */
export const labelledOrPredicted = (info: DescribedModel): BoundTarget => ({
  ...classTarget(info, "top1"),
  name: "label or top1",
  feed: (image: LabelledSource) => [[labelIndexOf(info, image) ?? HIGHEST]],
});
