// Fields accumulated in parts of the images, each of which can be kept and gone on from, and left out to see how well what is
// computed from their sum is known.
import { ImageError } from "@snellen/graph";
import type { ImageInput } from "../../images/image.ts";
import { type Source, skipReason } from "../../images/stream.ts";
import type { FieldPlan } from "../../receptive-field/effective/effective.ts";
import type { FieldMap } from "../../receptive-field/effective/field-map.ts";
import { addBatch, emptySum, type FieldSum, fieldMapOf } from "../../receptive-field/effective/field-sum.ts";
import { type FieldProgress, noProgress, runFields } from "../../receptive-field/effective/run-fields.ts";
import type { VisionModel } from "../../vision-model/vision-model.ts";
import type { Skipped } from "../extended-cam/experiment.ts";
import { MOST_PARTS } from "../jackknife.ts";

/** What one part of the images gave. */
export interface FieldPart {
  readonly images: number;
  /** Images whose class is known, and those of them whose score was the highest. */
  readonly labelled: number;
  readonly correct: number;
  readonly skipped: readonly Skipped[];
  /** Sums over the images: one a layer of the plan, then the score's. */
  readonly maps: readonly Float32Array[];
}

/** Images of each part, dealt out in turn, so that parts hold the same classes where images are sorted by class. */
export function dealt<T>(entries: readonly T[]): T[][] {
  const parts = Math.min(MOST_PARTS, entries.length);
  return Array.from({ length: parts }, (_, part) => entries.filter((_, i) => i % parts === part));
}

export interface PartOptions {
  readonly batch: number;
  readonly signal?: AbortSignal;
}

/** @throws what `runFields` throws; of images that cannot be read it goes on without */
export async function fieldPart(
  model: VisionModel,
  plan: FieldPlan,
  sources: readonly Source<ImageInput>[],
  { batch, signal }: PartOptions,
): Promise<FieldPart> {
  const skipped: Skipped[] = [];
  const progress = noProgress(model, plan);
  // batches of one size, as another size is another run for the runtime to plan
  const even = Math.ceil(sources.length / Math.ceil(sources.length / batch));
  await unlessNoneReadable(
    runFields(model, plan, sources, {
      batch: even,
      progress,
      signal,
      onSkip: (image) => skipped.push({ source: image.source, reason: skipReason(image) }),
    }),
  );
  const { sums, labelled, correct } = progress;
  return {
    images: sums[0]?.n ?? 0,
    labelled,
    correct,
    skipped,
    maps: sums.map(({ values }) => Float32Array.from(values)),
  };
}

async function unlessNoneReadable(run: Promise<FieldProgress>): Promise<void> {
  try {
    await run;
  } catch (error) {
    if (!(error instanceof ImageError && error.code === "no-readable-image")) throw error;
  }
}

/** R of one unit of the plan over all parts but one, or all. */
export const fieldOfParts = (
  parts: readonly FieldPart[],
  unit: number,
  dims: FieldMap["dims"],
  without?: number,
): FieldMap =>
  fieldMapOf(
    sumOfParts(
      parts.filter((_, p) => p !== without),
      unit,
      dims,
    ),
  );

/** The sum over all parts, with how well it is known after each. */
export function sumOfParts(parts: readonly FieldPart[], unit: number, dims: FieldMap["dims"]): FieldSum {
  const sum = emptySum("", dims);
  for (const { maps, images } of parts) addBatch(sum, maps[unit] as Float32Array, images);
  return sum;
}
