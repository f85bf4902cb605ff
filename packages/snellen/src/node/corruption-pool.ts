// Corrupts pictures in worker threads, so that the runtime never waits for pixels.
// Draws depend on seed and picture alone: the number of threads changes no result.
import { availableParallelism } from "node:os";
import type { Corruptor, CorruptorOptions } from "../corruptions/corruptor.ts";
import type { Image } from "../images/image.ts";
import type { WorkerTask } from "./corruption-worker.ts";
import { madeOf, type ThreadAnswer } from "./thread-answer.ts";
import { createThreads } from "./worker-threads.ts";

/** How many threads corrupt pictures, and with what besides. */
export interface CorruptionPoolOptions extends CorruptorOptions {
  /** Threads; default one for each processor that this process may use. */
  readonly threads?: number;
}

/** A corruptor of worker threads, which start with the first order. Dispose of it, or the process stays. */
export function createCorruptionPool({
  threads = availableParallelism(),
  ...options
}: CorruptionPoolOptions = {}): Corruptor {
  const pool = createThreads("corruption-worker", { threads, workerData: options });
  return {
    width: threads,
    async corrupt(images, order, signal) {
      const pixels = images.map(({ width, height, data, source }) => ({ width, height, data, source }));
      const answer: ThreadAnswer<Uint8Array[]> = await pool.run({ pixels, order } satisfies WorkerTask, {
        signal,
      });
      const made = madeOf(answer);
      return images.map((image, i): Image => ({ ...image, data: made[i] as Uint8Array }));
    },
    [Symbol.asyncDispose]: () => pool.destroy(),
  };
}
