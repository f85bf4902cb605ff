// Images for the methods: finds files and their classes, and reads them one after another with a few ahead.
// A folder never lies in memory whole; `.npy` batches count as so many preprocessed images.
import { join, resolve, sep } from "node:path";
import { ImageError, UsageError } from "@snellen/graph";
import type { ImageFile } from "../datasets/label-images.ts";
import { type ImageInput, type ImageLabel, maskFilesOf, type PreprocessedImage } from "../images/image.ts";
import { type Source, type StreamOptions, streamInOrder } from "../images/stream.ts";
import { type DecodeOptions, decodeImage } from "./images-decode.ts";
import { type LabelOptions, labelImages } from "./images-labels.ts";
import { isNpyName, listImages } from "./images-list.ts";
import { openNpyBatch } from "./npy.ts";

/** How many images are listed, where their labels come from, and how they are decoded. */
export interface OpenImagesOptions extends LabelOptions, DecodeOptions {
  /** Only the first so many images. */
  readonly limit?: number;
  /** A folder of outputs, which a search from outside or from itself leaves out; what is named in it counts. */
  readonly except?: string;
}

/** What is opened, and how far ahead it is read. */
export interface ReadImagesOptions extends OpenImagesOptions, StreamOptions {}

/** One image of a set: what is known before it is read, and how to read it. */
export interface ImageEntry extends Source<ImageInput> {
  readonly label: ImageLabel;
}

/** A list of images that can be read again and again, in order or one by one. */
export interface ImageSet {
  readonly entries: readonly ImageEntry[];
  /** Where labels came from: `folder`, `filename`, `none`, or the label file's path. */
  readonly labelsFrom: string;
  /** Files that were found in the folder of outputs. */
  readonly leftOut: number;
  /** Reads all in order; see `streamInOrder` for what is thrown and skipped. */
  readonly read: (options?: StreamOptions) => AsyncGenerator<ImageInput, void, void>;
}

async function npyEntries(path: string, label: ImageLabel): Promise<ImageEntry[]> {
  const batch = await openNpyBatch(path, 3);
  const read = async (index: number, source: string): Promise<PreprocessedImage> => ({
    shape: batch.shape as unknown as PreprocessedImage["shape"],
    values: await batch.read(index),
    source,
    ...label,
  });
  return Array.from({ length: batch.count }, (_, index) => {
    const source = batch.count === 1 ? path : `${path}[${index}]`;
    return { source, label, read: () => read(index, source) };
  });
}

/**
 * Finds images and their labels without reading them.
 *
 * @param inputs files, folders (to the bottom), globs; `.npy` files as preprocessed batches.
 * @throws ImageError `no-images`, `image-not-found`, `bad-npy`; UsageError `output-among-images` where all lie in the folder of
 * outputs, and for labels that were asked for and do not fit
 */
export async function openImages(
  inputs: string | readonly string[],
  options: OpenImagesOptions = {},
): Promise<ImageSet> {
  const { limit = Number.POSITIVE_INFINITY } = options;
  if (!(limit >= 1))
    throw new UsageError("bad-limit", `expected a number from 1, got ${limit}.`, { where: "--limit" });
  const found = await listImages(inputs);
  const listed = options.except === undefined ? found : outside(options.except, found, inputs);
  const { byPath, from } = await labelImages(listed, options);
  const masks = new Set([...byPath.values()].flatMap(maskFilesOf));
  const entries: ImageEntry[] = [];
  for (const file of listed) {
    if (entries.length >= limit) break;
    // A dataset keeps masks beside its images; they are answers, not questions.
    if (!masks.has(file.path)) entries.push(...(await entriesOf(file, byPath.get(file.path) ?? {}, options)));
  }
  if (entries.length === 0)
    throw new ImageError("no-images", "the batch is empty.", { where: listed[0]?.path });
  const kept = entries.slice(0, Math.min(entries.length, limit));
  return {
    entries: kept,
    labelsFrom: from,
    leftOut: found.length - listed.length,
    read: (stream) => streamInOrder(kept, stream),
  };
}

/** Without what an earlier run wrote, which a search comes upon. */
function outside(
  outputs: string,
  files: readonly ImageFile[],
  inputs: string | readonly string[],
): readonly ImageFile[] {
  const isInside = (path: string) => path.startsWith(join(resolve(outputs), sep));
  const named = new Set([inputs].flat().map((input) => resolve(input)));
  const kept = files.filter(({ path, root }) => !isInside(path) || isInside(root) || named.has(path));
  if (kept.length > 0) return kept;
  throw new UsageError("output-among-images", "all pictures lie in the output folder.", {
    where: "--out",
    hint: "Give another folder.",
  });
}

async function entriesOf(
  { path }: ImageFile,
  label: ImageLabel,
  options: DecodeOptions,
): Promise<ImageEntry[]> {
  if (isNpyName(path)) return npyEntries(path, label);
  const read = async () => ({ ...(await decodeImage(path, path, options)), ...label });
  return [{ source: path, label, read }];
}

/**
 * Reads images one after another, decoding a few ahead.
 *
 * @param inputs files, folders, globs; `.npy` files as preprocessed batches.
 * @throws ImageError, UsageError: what `openImages` and `streamInOrder` throw.
 */
export async function* readImages(
  inputs: string | readonly string[],
  options: ReadImagesOptions = {},
): AsyncGenerator<ImageInput, void, void> {
  const images = await openImages(inputs, options);
  yield* images.read(options);
}
