// Reads pictures in order with a few under way, so that decoding and the network's work overlap and memory stays bounded.
// Shared by both doors; what is read, and how, is theirs.
import { ImageError } from "@snellen/graph";

/** A picture that was left out, and why. */
export interface SkippedImage {
  readonly source: string;
  readonly error: ImageError;
}

/** Why it was left out, with the picture's name where the error is about another file, such as its mask. */
export const skipReason = ({ source, error }: SkippedImage): string =>
  error.message.startsWith(source) ? error.message : `${source}: ${error.message}`;

/** How far ahead pictures are read, and what becomes of those that cannot be. */
export interface StreamOptions {
  /** Pictures read ahead of the one in use; default 2. */
  readonly prefetch?: number;
  /** Ends the stream with the signal's reason. */
  readonly signal?: AbortSignal;
  /** Called for each unreadable picture, which is then left out; without it the first one ends the stream. */
  readonly onSkip?: (skipped: SkippedImage) => void;
}

/** Items of a stream in parts of `size`, the last one shorter. */
export async function* inBatches<T>(
  items: AsyncIterable<T> | Iterable<T>,
  size: number,
): AsyncGenerator<T[], void, void> {
  let part: T[] = [];
  for await (const item of items) {
    part.push(item);
    if (part.length < size) continue;
    yield part;
    part = [];
  }
  if (part.length > 0) yield part;
}

/** Something to read: a name for messages and a function that reads it. */
export interface Source<T> {
  readonly source: string;
  readonly read: () => Promise<T>;
}

type Outcome<T> = { readonly value: T } | { readonly error: unknown };

/**
 * Yields what the sources hold, in their order.
 * @throws ImageError of the first unreadable picture when nobody takes `onSkip`; `no-readable-image` when all were skipped.
 */
export async function* streamInOrder<T>(
  sources: Iterable<Source<T>>,
  { prefetch = 2, signal, onSkip }: StreamOptions = {},
): AsyncGenerator<T, void, void> {
  const waiting = sources[Symbol.iterator]();
  const underWay: { source: string; outcome: Promise<Outcome<T>> }[] = [];
  const startNext = () => {
    const next = waiting.next();
    if (next.done) return;
    const { source, read } = next.value;
    // Outcomes never reject, so a read that nobody awaits any more cannot take the process down.
    const outcome = read().then(
      (value) => ({ value }),
      (error: unknown) => ({ error }),
    );
    underWay.push({ source, outcome });
  };
  let skipped = 0;
  let yielded = 0;
  for (let i = 0; i <= prefetch; i++) startNext();
  for (let current = underWay.shift(); current !== undefined; current = underWay.shift()) {
    signal?.throwIfAborted();
    const outcome = await current.outcome;
    signal?.throwIfAborted();
    if ("value" in outcome) {
      yielded++;
      yield outcome.value;
    } else {
      if (onSkip === undefined || !(outcome.error instanceof ImageError)) throw outcome.error;
      skipped++;
      onSkip({ source: current.source, error: outcome.error });
    }
    startNext();
  }
  if (yielded === 0 && skipped > 0) {
    throw new ImageError("no-readable-image", `none of the ${skipped} images could be read.`, {
      hint: "JPEG, PNG, WebP, AVIF, GIF and TIFF files are read.",
    });
  }
}

/**
 * What `work` makes of a picture; undefined where the picture, or a file that belongs to it, cannot be used, which `onSkip` hears.
 * @throws what `work` throws that is no ImageError, and every ImageError when nobody takes `onSkip`
 */
export async function unlessUnreadable<T>(
  source: string,
  work: () => Promise<T>,
  onSkip: StreamOptions["onSkip"],
): Promise<T | undefined> {
  try {
    return await work();
  } catch (error) {
    if (onSkip === undefined || !(error instanceof ImageError)) throw error;
    onSkip({ source, error });
    return undefined;
  }
}
