// Reads pictures into memory, and says which could not be read.
import { ImageError } from "@snellen/graph";
import { type Source, skipReason, unlessUnreadable } from "./stream.ts";

/** Pictures in memory, and those that could not be read. */
export interface ReadPictures<T> {
  readonly images: readonly T[];
  readonly skipped: readonly SkippedPicture[];
}

export interface SkippedPicture {
  readonly source: string;
  readonly reason: string;
}

/**
 * Reads all, one after another.
 * @param onSkip told at once why one cannot be read
 * @throws ImageError `no-readable-image` where none can be read
 */
export async function readPictures<T>(
  entries: readonly Source<T>[],
  onSkip: (reason: string) => void = () => undefined,
): Promise<ReadPictures<T>> {
  const images: T[] = [];
  const skipped: SkippedPicture[] = [];
  for (const { source, read } of entries) {
    const image = await unlessUnreadable(source, read, (picture) => {
      const reason = skipReason(picture);
      skipped.push({ source, reason });
      onSkip(reason);
    });
    if (image !== undefined) images.push(image);
  }
  if (images.length > 0) return { images, skipped };
  throw noReadableImage(skipped.length, skipped[0]?.reason);
}

/** @param reason why the first one was left out */
export const noReadableImage = (count: number, reason: string | undefined): ImageError =>
  new ImageError(
    "no-readable-image",
    count === 1 ? "the picture could not be used." : `none of the ${count} pictures tried could be used.`,
    { hint: count === 1 ? reason : `The first one: ${reason}` },
  );
