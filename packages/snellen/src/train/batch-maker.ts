// Makes batches on the calling thread: pictures read, fitted to the network's input, augmented by seed, epoch and index, and
// written as numbers. Pure but for the pictures that it keeps.
import { ImageError, UsageError } from "@snellen/graph";
import { createBatch } from "../images/preprocess.ts";
import { channelCount } from "../images/preprocess-spec.ts";
import type { Batch, BatchSource, LabelledPictures } from "./batch.ts";
import { type BatchOptions, createSlotWriter } from "./slot-writer.ts";

export type { BatchOptions };

/** Pictures of a batch that are read at a time: decoders run beside each other, and large pictures do not pile up. */
const READS_AT_ONCE = 4;

/**
 * Batches made on the calling thread, one at a time.
 * @throws UsageError `training-dtype` where the network takes no float32
 */
export function createBatchMaker(pictures: LabelledPictures, options: BatchOptions): BatchSource {
  const { spec } = options;
  if (spec.dtype !== "float32")
    throw new UsageError("training-dtype", `a network that takes ${spec.dtype} cannot be trained.`, {
      hint: "Give a network with a float32 input.",
    });
  const writer = createSlotWriter(pictures.count, options);
  const slot = spec.size[0] * spec.size[1] * channelCount(spec.channels);
  return {
    pictures,
    width: 1,
    async batch(indices, epoch, signal): Promise<Batch> {
      signal?.throwIfAborted();
      requireIndices(indices, pictures);
      const { values, dims } = createBatch(spec, indices.length) as { values: Float32Array; dims: number[] };
      const classes = Int32Array.from(indices, (index) => pictures.classOf(index));
      const missing = indices.flatMap((index, place) =>
        writer.writeKept(values, place * slot, index, epoch) ? [] : [place],
      );
      const failures = await readMissing(missing, signal, async (place) => {
        const index = indices[place]!;
        writer.writeNew(values, place * slot, index, epoch, await pictures.read(index));
      });
      if (failures.size > 0) fillPlaces(failures, indices.length, values, classes, pictures.name);
      return { values, dims, classes, skipped: skippedOf(failures, indices, pictures.name) };
    },
    [Symbol.asyncDispose]: async () => {},
  };
}

/** @throws UsageError `bad-batch` for no picture at all, or one that is not there */
export function requireIndices(
  indices: readonly number[],
  { name, count }: Pick<LabelledPictures, "name" | "count">,
): void {
  const wrong = indices.find((index) => !(Number.isInteger(index) && index >= 0 && index < count));
  if (wrong === undefined && indices.length > 0) return;
  const what = wrong === undefined ? "a batch needs a picture." : `there is no picture ${wrong} of ${count}.`;
  throw new UsageError("bad-batch", what, { where: name });
}

/** Does the work for each place, a few at a time; the ImageErrors that it threw, by place. */
async function readMissing(
  places: readonly number[],
  signal: AbortSignal | undefined,
  work: (place: number) => Promise<void>,
): Promise<Map<number, ImageError>> {
  const failures = new Map<number, ImageError>();
  const waiting = places[Symbol.iterator]();
  const lane = async (): Promise<void> => {
    for (const place of waiting) {
      signal?.throwIfAborted();
      await work(place).catch((error: unknown) => {
        if (!(error instanceof ImageError)) throw error;
        failures.set(place, error);
      });
    }
  };
  await Promise.all(Array.from({ length: Math.min(READS_AT_ONCE, places.length) }, lane));
  return failures;
}

/** Puts the next readable picture of the batch into each place whose own could not be read. */
function fillPlaces(
  failures: ReadonlyMap<number, ImageError>,
  count: number,
  values: Float32Array,
  classes: Int32Array,
  name: string,
): void {
  if (failures.size === count) throw noneReadable(failures, name);
  const slot = values.length / count;
  for (const place of failures.keys()) {
    let other = (place + 1) % count;
    while (failures.has(other)) other = (other + 1) % count;
    values.copyWithin(place * slot, other * slot, (other + 1) * slot);
    classes[place] = classes[other]!;
  }
}

const noneReadable = (failures: ReadonlyMap<number, ImageError>, name: string): ImageError => {
  // in the batch's order, whichever failed before the others
  const first = failures.get(0);
  return new ImageError(
    "no-readable-image",
    `none of the batch's ${failures.size} pictures could be read; the first: ${first?.message}`,
    { where: name, cause: first },
  );
};

/** Each unreadable picture once, in the batch's order. */
function skippedOf(
  failures: ReadonlyMap<number, ImageError>,
  indices: readonly number[],
  name: string,
): Batch["skipped"] {
  const byIndex = new Map<number, { source: string; reason: string }>();
  for (const place of [...failures.keys()].sort((a, b) => a - b)) {
    const index = indices[place]!;
    const { where, what } = failures.get(place)!;
    if (!byIndex.has(index)) byIndex.set(index, { source: where ?? `${name}[${index}]`, reason: what });
  }
  return [...byIndex.values()];
}
