// Batches for a training, made in worker threads while the runtime works: its runs block the thread that calls them.
// What a batch holds depends on seed, epoch and pictures alone; the number of threads changes nothing.
import type { PictureRecipe } from "../datasets/pictures/training-pictures.ts";
import { noAugmentation } from "../train/augmentation/index.ts";
import type { Batch, BatchSource, LabelledPictures } from "../train/batch.ts";
import { type BatchOptions, createBatchMaker, requireIndices } from "../train/batch-maker.ts";
import type { BatchOrder } from "../train/batches.ts";
import { roomForPictures } from "../train/kept-pictures.ts";
import { physicalCores } from "./runtime-threads.ts";
import { madeOf, type ThreadAnswer } from "./thread-answer.ts";
import type { TrainingThreadData } from "./training-worker.ts";
import { createThreads } from "./worker-threads.ts";

/** How pictures become batches, and on how many threads. */
export interface TrainingPoolOptions extends Omit<BatchOptions, "kept"> {
  /** Threads; 0 makes batches on the calling thread. Default one for each physical core that this process may use. */
  readonly threads?: number;
}

/**
 * Makes batches of labelled pictures in threads, which start with the first batch. Dispose of it, or the process stays.
 *
 * Threads open the pictures by their recipe; pictures without one, such as a caller's own, are read on the calling thread, and
 * `width` is 1 then.
 * @throws UsageError `training-dtype` where the network takes no float32
 */
export function createTrainingPool(
  pictures: LabelledPictures & { readonly recipe?: PictureRecipe },
  { threads = physicalCores(), ...options }: TrainingPoolOptions,
): BatchSource {
  const { recipe } = pictures;
  if (threads === 0 || recipe === undefined) return createBatchMaker(pictures, options);
  const { spec, augmentation = noAugmentation, seed = 0 } = options;
  const kept = roomForPictures(pictures.count, spec, (bytes) => new SharedArrayBuffer(bytes)) ?? null;
  // what every thread would refuse as it starts is refused here, by class and code
  createBatchMaker(pictures, { ...options, kept });
  const workerData: TrainingThreadData = { recipe, spec, augmentation: augmentation.text, seed, kept };
  const pool = createThreads("training-worker", { threads, workerData });
  return {
    pictures,
    width: threads,
    async batch(indices, epoch, signal): Promise<Batch> {
      signal?.throwIfAborted();
      requireIndices(indices, pictures);
      const order: BatchOrder = { indices, epoch };
      const answer: ThreadAnswer<Batch> = await pool.run(order, { signal }).catch((error: unknown) => {
        signal?.throwIfAborted();
        throw error;
      });
      return madeOf(answer);
    },
    [Symbol.asyncDispose]: () => pool.destroy(),
  };
}
