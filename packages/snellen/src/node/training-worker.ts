// What a thread of the training pool does: one batch after another, indices in, numbers out, which are moved and not copied.
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
import { answerOf, type ThreadAnswer } from "./thread-answer.ts";

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

const { recipe, augmentation, kept, ...options } = Tinypool.workerData as TrainingThreadData;
const maker = createBatchMaker(openRecipe(recipe, decodeImage), {
  ...options,
  kept,
  augmentation: parseAugmentation(augmentation),
});

export async function work({ indices, epoch }: BatchOrder): Promise<unknown> {
  const answer = await answerOf(() => maker.batch(indices, epoch));
  return "made" in answer ? moved(answer, [answer.made.values.buffer, answer.made.classes.buffer]) : answer;
}

/** Tinypool's own way to say which buffers change hands. */
function moved(value: ThreadAnswer<Batch>, buffers: readonly ArrayBufferLike[]): unknown {
  return Tinypool.move({
    [Tinypool.transferableSymbol]: buffers,
    [Tinypool.valueSymbol]: value,
  } as unknown as Parameters<typeof Tinypool.move>[0]);
}
