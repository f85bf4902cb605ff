// The batches of an order of pictures, made ahead while the network works.
import { streamInOrder } from "../images/stream.ts";
import type { Batch, BatchSource } from "./batch.ts";

/** One batch to make: what `BatchSource.batch` takes. */
export interface BatchOrder {
  readonly indices: readonly number[];
  readonly epoch: number | undefined;
}

export interface OrderOptions {
  readonly size: number;
  /** For the augmentation; undefined for none. */
  readonly epoch: number | undefined;
  /** Batches to leave out at the beginning. */
  readonly from?: number;
  /** Leave out a last batch with fewer pictures. */
  readonly full?: boolean;
  readonly signal?: AbortSignal;
}

/** Batches of an order of `count` pictures. */
export const batchCount = (count: number, { size, full }: Pick<OrderOptions, "size" | "full">): number =>
  full ? Math.floor(count / size) : Math.ceil(count / size);

/** In order; as many under way behind the one in use as the source has threads. @throws what `source.batch` throws, in its turn */
export function batchesOf(
  source: BatchSource,
  order: readonly number[],
  { size, epoch, from = 0, full = false, signal }: OrderOptions,
): AsyncGenerator<Batch, void, void> {
  const count = batchCount(order.length, { size, full });
  const sources = Array.from({ length: Math.max(0, count - from) }, (_, i) => {
    const first = (from + i) * size;
    const read = () => source.batch(order.slice(first, first + size), epoch, signal);
    return { source: source.pictures.name, read };
  });
  return streamInOrder(sources, { prefetch: source.width, signal });
}
