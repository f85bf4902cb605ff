// What a thread of the training pool does: one batch after another, indices in, numbers out, which are moved and not copied.
import { ImageError } from "@snellen/graph";
import Tinypool from "tinypool";
import { openRecipe } from "../datasets/pictures/open-recipe.ts";
import type { PictureRecipe } from "../datasets/pictures/training-pictures.ts";
import type { PreprocessSpec } from "../images/preprocess-spec.ts";
import { parseAugmentation } from "../train/augmentation/index.ts";
import type { Batch } from "../train/batch.ts";
import { createBatchMaker } from "../train/batch-maker.ts";
import type { BatchOrder } from "../train/batches.ts";
import type { KeptPictures } from "../train/kept-pictures.ts";
import { decodeImage } from "./images-decode.ts";

/** What a thread begins with. */
export interface TrainingThreadData {
  readonly recipe: PictureRecipe;
  readonly spec: PreprocessSpec;
  /** As `parseAugmentation` reads it. */
  readonly augmentation: string;
  readonly seed: number;
  /** In shared memory; null where pictures are not kept, as undefined would mean memory of the thread's own. */
  readonly kept: KeptPictures | null;
}

/** An ImageError as plain data: an error that comes from a thread has lost its class and code. */
export interface ImageFailure {
  readonly code: string;
  readonly what: string;
  readonly where: string | undefined;
}

export type WorkerBatch = { readonly batch: Batch } | { readonly failure: ImageFailure };

const { recipe, augmentation, kept, ...options } = Tinypool.workerData as TrainingThreadData;
const maker = createBatchMaker(openRecipe(recipe, decodeImage), {
  ...options,
  kept,
  augmentation: parseAugmentation(augmentation),
});

export async function work({ indices, epoch }: BatchOrder): Promise<unknown> {
  try {
    const batch = await maker.batch(indices, epoch);
    return moved({ batch }, [batch.values.buffer, batch.classes.buffer]);
  } catch (error) {
    if (!(error instanceof ImageError)) throw error;
    const { code, what, where } = error;
    return { failure: { code, what, where } } satisfies WorkerBatch;
  }
}

/** Tinypool's own way to say which buffers change hands. */
function moved(value: WorkerBatch, buffers: readonly ArrayBufferLike[]): unknown {
  return Tinypool.move({
    [Tinypool.transferableSymbol]: buffers,
    [Tinypool.valueSymbol]: value,
  } as unknown as Parameters<typeof Tinypool.move>[0]);
}
