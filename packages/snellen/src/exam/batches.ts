// Reads some images of a set, each with its index, in batches.
import type { ImageInput } from "../images/image.ts";
import { inBatches, type Source, streamInOrder } from "../images/stream.ts";
import type { GatherContext, ImagePrediction } from "./artifacts.ts";

export interface IndexedImage {
  readonly index: number;
  readonly image: ImageInput;
}

/** Batches of at most `context.batch`; unreadable images are left out and reported to `context.onSkip`. */
export async function* imageBatches(
  context: GatherContext,
  indices: readonly number[] = [...context.images.entries.keys()],
): AsyncGenerator<IndexedImage[]> {
  const sources = indices.map((index): Source<IndexedImage> => {
    const entry = context.images.entries[index] as Source<ImageInput>;
    return { source: entry.source, read: async () => ({ index, image: await entry.read() }) };
  });
  const onSkip = context.onSkip ?? (() => undefined);
  yield* inBatches(streamInOrder(sources, { signal: context.signal, onSkip }), context.batch);
}

/** The images that some predictions are of, all in memory. */
export async function sampleImages(
  context: GatherContext,
  sample: readonly Pick<ImagePrediction, "index">[],
): Promise<ImageInput[]> {
  const images: ImageInput[] = [];
  const indices = sample.map(({ index }) => index);
  for await (const part of imageBatches(context, indices)) images.push(...part.map(({ image }) => image));
  return images;
}
