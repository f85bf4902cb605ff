// Dropped files as a set of images: which are pictures, which tell their classes, and which are masks.
import { ImageError } from "@snellen/graph";
import { type MaskImage, maskOfPixels, type ReadMask } from "../cam/objects.ts";
import {
  byName,
  type LabelFiles,
  type LabelOptions,
  type ImageFile as ListedFile,
  labelImages,
} from "../datasets/label-images.ts";
import { type Image, type ImageLabel, maskFilesOf } from "../images/image.ts";
import type { Source } from "../images/stream.ts";
import { decodeImage, type WebDecodeOptions } from "./images.ts";

/** A file with its path among those that were given, `/` between folders (`File.webkitRelativePath`, or its bare name). */
export interface GivenFile {
  readonly file: Blob;
  readonly path: string;
}

/** One picture: what is known before it is read, and how to read it. */
export interface ImageEntry extends Source<Image> {
  readonly file: Blob;
  readonly label: ImageLabel;
}

/** The pictures among some files, which can be read again and again. */
export interface WebImageSet {
  readonly entries: readonly ImageEntry[];
  /** Where labels came from: `folder`, `filename`, `none`, or the label file's path. */
  readonly labelsFrom: string;
  /** Reads masks that lie among the files. */
  readonly readMask: ReadMask;
}

/** Names of files that browsers decode. */
export const PICTURE_FILE = /\.(jpe?g|jfif|png|webp|avif|gif|bmp)$/i;

/**
 * Finds the pictures among files and their labels, as `openImages` does in Node.
 * @throws ImageError `no-images`; UsageError of a label file that is no such
 */
export async function openImageFiles(
  files: readonly GivenFile[],
  options: LabelOptions & WebDecodeOptions = {},
): Promise<WebImageSet> {
  const byPath = new Map(files.map(({ file, path }) => [absolute(path), file]));
  const listed = [...byPath.keys()].filter((path) => PICTURE_FILE.test(path)).map(listedFile);
  const at: LabelFiles = {
    ...SLASHED,
    readText: async (path) => await byPath.get(path)?.text(),
  };
  const labels = await labelImages(listed.sort(byName), options, at);
  const masks = new Set([...labels.byPath.values()].flatMap(maskFilesOf));
  const entries = listed
    .filter(({ path }) => !masks.has(path))
    .map(({ path }): ImageEntry => {
      const [file, label] = [byPath.get(path) as Blob, labels.byPath.get(path) ?? {}];
      const source = path.slice(1);
      return {
        source,
        file,
        label,
        read: async () => ({ ...(await decodeImage(file, source, options)), ...label }),
      };
    });
  if (entries.length === 0)
    throw new ImageError("no-images", "there is no picture among these files.", {
      hint: "JPEG, PNG, WebP, AVIF, GIF and BMP files are read.",
    });
  return { entries, labelsFrom: labels.from, readMask: (path) => readMask(byPath, path) };
}

const absolute = (path: string): string => SLASHED.resolve("/", path);

/** A dropped folder is the root of its files. */
function listedFile(path: string): ListedFile {
  const slash = path.indexOf("/", 1);
  return slash < 0
    ? { path, root: "/", name: path.slice(1) }
    : { path, root: path.slice(0, slash), name: path.slice(slash + 1) };
}

const SLASHED: Omit<LabelFiles, "readText"> = {
  basename: (path) => path.slice(path.lastIndexOf("/") + 1),
  dirname: (path) => path.slice(0, path.lastIndexOf("/")) || "/",
  resolve(folder, path) {
    const steps: string[] = [];
    for (const step of `${path.startsWith("/") ? "" : `${folder}/`}${path}`.split("/")) {
      if (step === "..") steps.pop();
      else if (step !== "" && step !== ".") steps.push(step);
    }
    return `/${steps.join("/")}`;
  },
};

async function readMask(files: ReadonlyMap<string, Blob>, path: string): Promise<MaskImage> {
  const file = files.get(path);
  if (file === undefined)
    throw new ImageError("image-not-found", "the mask is not among the files.", { where: path });
  return maskOfPixels(await decodeImage(file, path), await hasPalette(file));
}

/** Where a PNG says how its colours are kept (ISO/IEC 15948, 11.2.2), and what says: by a palette. */
const [COLOUR_TYPE, INDEXED] = [25, 3];
const PNG = [0x89, 0x50, 0x4e, 0x47];

async function hasPalette(file: Blob): Promise<boolean> {
  const header = new Uint8Array(await file.slice(0, COLOUR_TYPE + 1).arrayBuffer());
  return PNG.every((byte, i) => header[i] === byte) && header[COLOUR_TYPE] === INDEXED;
}
