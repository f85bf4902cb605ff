// Pictures of a page to RGB pixels, by the browser's own decoders, and streamed as in Node.
// Resizing is not the browser's: `images/resample.ts` does it, so that maps agree with Node's.
/// <reference lib="dom" />
import { ImageError } from "@snellen/graph";
import type { Image, ImageLabel } from "../images/image.ts";
import { imageSize, imageSizeBytes } from "../images/image-size.ts";
import { type StreamOptions, streamInOrder } from "../images/stream.ts";

/** Up to which size pictures are decoded. */
export interface WebDecodeOptions {
  /** Pictures with more pixels are refused, most of them from their header; default 100 million. */
  readonly maxPixels?: number;
}

/** A file that somebody dropped or fetched; a `File` brings its own name. */
export interface ImageFile {
  readonly file: Blob;
  readonly name?: string;
  readonly label?: ImageLabel;
}

const DEFAULT_MAX_PIXELS = 100_000_000;

/**
 * Decodes a picture.
 *
 * EXIF orientation is applied, colour profiles are ignored where the browser can, transparent parts show white, and animated
 * pictures give their first frame.
 * @throws ImageError `unreadable-image`, `image-too-large`.
 */
export async function decodeImage(
  file: Blob,
  source: string,
  { maxPixels = DEFAULT_MAX_PIXELS }: WebDecodeOptions = {},
): Promise<Image> {
  const tooLarge = () =>
    new ImageError("image-too-large", `has more than ${maxPixels} pixels.`, { where: source });
  const stated = imageSize(new Uint8Array(await file.slice(0, imageSizeBytes).arrayBuffer()));
  if (stated !== undefined && stated.width * stated.height > maxPixels) throw tooLarge();
  const bitmap = await createImageBitmap(file, {
    imageOrientation: "from-image",
    colorSpaceConversion: "none",
  }).catch((cause) => {
    throw new ImageError("unreadable-image", "cannot be decoded by this browser.", { where: source, cause });
  });
  try {
    if (bitmap.width * bitmap.height > maxPixels) throw tooLarge();
    return imageOfSource(bitmap, bitmap.width, bitmap.height, source);
  } finally {
    bitmap.close();
  }
}

/** The pixels of anything that a canvas can draw: a bitmap, a video frame, another canvas. */
export function imageOfSource(
  drawable: CanvasImageSource,
  width: number,
  height: number,
  source: string,
): Image {
  const context = new OffscreenCanvas(width, height).getContext("2d", { willReadFrequently: true });
  if (context === null)
    throw new ImageError("unreadable-image", "the browser gave no canvas.", { where: source });
  context.fillStyle = "#ffffff";
  context.fillRect(0, 0, width, height);
  context.drawImage(drawable, 0, 0, width, height);
  const rgba = context.getImageData(0, 0, width, height).data;
  const data = new Uint8Array(width * height * 3);
  for (let i = 0, o = 0; i < rgba.length; i += 4) {
    data[o++] = rgba[i]!;
    data[o++] = rgba[i + 1]!;
    data[o++] = rgba[i + 2]!;
  }
  return { width, height, data, source };
}

/**
 * Reads pictures one after another, decoding a few ahead.
 * @throws ImageError, see `streamInOrder`.
 */
export function readImages(
  files: Iterable<File | ImageFile>,
  options: WebDecodeOptions & StreamOptions = {},
): AsyncGenerator<Image, void, void> {
  const sources = Array.from(files, (entry, index) => {
    const { file, name, label }: ImageFile =
      entry instanceof Blob ? { file: entry, name: entry.name } : entry;
    const source = name ?? `image ${index + 1}`;
    return { source, read: async () => ({ ...(await decodeImage(file, source, options)), ...label }) };
  });
  return streamInOrder(sources, options);
}
