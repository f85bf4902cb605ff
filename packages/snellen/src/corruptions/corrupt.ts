// One picture, one corruption, one severity, one seed: the picture that comes out, the same on every machine and thread.
import { ImageError } from "@snellen/graph";
import type { Image } from "../images/image.ts";
import { randomStream } from "../random.ts";
import type { Corruption, Pixels, Severity } from "./corruption.ts";

/** Sides of pictures that corruptions take, in pixels: ImageNet-C's kernels need the one, memory the other. */
export const SIDES = { least: 32, most: 8192 } as const;

/** How strongly a picture is corrupted, and by which draws. */
export interface CorruptOptions {
  readonly severity: Severity;
  /** A whole number; equal seeds, equal pictures. One does for a whole set: each picture has draws of its own. */
  readonly seed: number;
}

/**
 * The picture under a corruption; its labels and its name stay.
 *
 * Draws depend on seed, corruption, severity and the picture's pixels alone: the order of work, the number of threads and the
 * file's name do not matter.
 * @throws ImageError `image-too-small` below 32 × 32 pixels, `image-too-large` beyond 8192 × 8192
 */
export function corrupt(image: Image, corruption: Corruption, options: CorruptOptions): Image {
  const data = corruptPixels(image, corruption, corruption.levels[options.severity - 1], [
    options.seed,
    options.severity,
  ]);
  return { ...image, data };
}

/**
 * The same at a level that need not be one of the five.
 * @param level in the corruption's own unit
 * @param key what the draws depend on beside the corruption
 */
export function corruptPixels<Level, Draw>(
  pixels: Pixels & { readonly source?: string },
  corruption: Corruption<Level, Draw>,
  level: Level,
  key: readonly number[],
): Uint8Array {
  requireSides(pixels);
  const draw = corruption.draw?.(
    randomStream(...key, ...hashOf(corruption.id), contentHash(pixels.data)),
    pixels,
    level,
  );
  return corruption.apply(pixels, level, draw as Draw);
}

/** @throws ImageError `image-too-small`, `image-too-large` */
export function requireSides({ width, height, source }: Pixels & { readonly source?: string }): void {
  const { least, most } = SIDES;
  const where = source;
  if (Math.min(width, height) < least)
    throw new ImageError(
      "image-too-small",
      `${width} × ${height} pixels are too small for corruptions, which take at least ${least} × ${least}.`,
      { where, hint: "Give larger pictures: enlarged ones would not be corrupted as cameras do it." },
    );
  if (Math.max(width, height) > most)
    throw new ImageError(
      "image-too-large",
      `${width} × ${height} pixels are more than corruptions take, ${most} × ${most}.`,
      { where, hint: "Scale it down first." },
    );
}

/** The id's letters, four to a number. */
const hashOf = (id: string): number[] =>
  Array.from({ length: Math.ceil(id.length / 4) }, (_, word) =>
    [0, 1, 2, 3].reduce((bits, i) => (bits << 8) | (id.charCodeAt(4 * word + i) || 0), 0),
  );

/** 32 bits that hardly any other picture has (FNV-1a over the bytes). */
function contentHash(data: Uint8Array): number {
  let hash = 0x811c9dc5;
  for (let i = 0; i < data.length; i++) hash = Math.imul(hash ^ data[i]!, 0x01000193);
  return hash;
}
