// Image files to RGB pixels, by sharp (libvips): bounded before memory is taken, upright, without alpha, 8 bits.
// Colour profiles are ignored, as in the pipelines that networks were trained with.
import { ImageError } from "@snellen/graph";
import type { Image } from "../images/image.ts";

/** Up to which size pictures are decoded. */
export interface DecodeOptions {
  /** Pictures with more pixels are refused from their header; default 100 million. */
  readonly maxPixels?: number;
}

const DEFAULT_MAX_PIXELS = 100_000_000;

/** What files may hold, whatever they are called. SVG is left out: it is a program that draws. */
const FORMATS: ReadonlySet<string> = new Set(["jpeg", "png", "webp", "heif", "gif", "tiff"]);

/** Endings under which folders are searched for images. */
export const imageExtensions = [
  "jpg",
  "jpeg",
  "jpe",
  "jfif",
  "png",
  "webp",
  "avif",
  "gif",
  "tif",
  "tiff",
] as const;

/** Transparent parts show this colour, as on a page. */
const BACKGROUND = "#ffffff";

type Sharp = typeof import("sharp").default;
let loading: Promise<Sharp> | undefined;

/** sharp costs 50 ms to load, which a run on `.npy` input need not spend. */
function loadSharp(): Promise<Sharp> {
  loading ??= import("sharp").then(({ default: sharp }) => {
    // Several pictures decode at once already; the network needs the cores. The cache would show old versions of a file.
    sharp.concurrency(1);
    sharp.cache(false);
    return sharp;
  });
  return loading;
}

/** libvips' messages start with the loader's name and may run over several lines. */
const firstLine = (error: unknown): string => (error as Error).message.trim().split("\n", 1)[0]!;

function decodeError(cause: unknown, source: string, maxPixels: number): ImageError {
  if (cause instanceof ImageError) return cause;
  const message = firstLine(cause);
  if (/pixel limit|dimensions? (is|are) too large|exceeds.*limit/i.test(message)) {
    return new ImageError("image-too-large", `has more than ${maxPixels} pixels.`, {
      where: source,
      hint: "Make it smaller; no network takes that much.",
      cause,
    });
  }
  if (/missing/i.test(message))
    return new ImageError("image-not-found", "there is no such file.", { where: source, cause });
  return new ImageError("unreadable-image", `cannot be decoded: ${message}.`, { where: source, cause });
}

/** Whether a file's pixels are numbers of colours in a palette; libvips gives the colours, never the numbers. */
export async function hasPalette(path: string): Promise<boolean> {
  const sharp = await loadSharp();
  const { isPalette } = await sharp(path)
    .metadata()
    .catch((error) => {
      throw decodeError(error, path, DEFAULT_MAX_PIXELS);
    });
  return isPalette === true;
}

/**
 * Decodes a JPEG, PNG, WebP, AVIF, GIF (first frame) or TIFF file.
 *
 * EXIF orientation is applied, grey becomes RGB, transparent parts show white, 16 bits become 8, CMYK becomes RGB; embedded
 * colour profiles are ignored otherwise.
 * @param input a path, or the file's bytes.
 * @param source what messages call it; default the path
 * @throws ImageError `unreadable-image`, `image-too-large`, `unsupported-image`, `image-not-found`.
 */
export async function decodeImage(
  input: string | Uint8Array,
  source: string = typeof input === "string" ? input : "image",
  { maxPixels = DEFAULT_MAX_PIXELS }: DecodeOptions = {},
): Promise<Image> {
  const sharp = await loadSharp();
  try {
    const file = sharp(input, { limitInputPixels: maxPixels, failOn: "error", ignoreIcc: true });
    const { format } = await file.metadata();
    if (!FORMATS.has(format)) {
      throw new ImageError("unsupported-image", `is ${format}, which is not read.`, {
        where: source,
        hint: "Convert it to PNG or JPEG.",
      });
    }
    const { data, info } = await file
      .autoOrient()
      .flatten({ background: BACKGROUND })
      .toColourspace("srgb")
      .raw({ depth: "uchar" })
      .toBuffer({ resolveWithObject: true });
    const pixels = new Uint8Array(data.buffer, data.byteOffset, data.byteLength);
    return { width: info.width, height: info.height, data: pixels, source };
  } catch (error) {
    throw decodeError(error, source, maxPixels);
  }
}
