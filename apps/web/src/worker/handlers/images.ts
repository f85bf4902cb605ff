// Takes pictures into the worker: dropped files with the labels among them, or optotypes that it draws itself.
import {
  decodeImage,
  encodePng,
  type GivenFile,
  type ImageEntry,
  type ImageLabel,
  type MaskImage,
  makeOptotype,
  openImageFiles,
  optotypeFiles,
} from "snellen/web";
import type { Handler, HandlerContext } from "../handler.ts";
import type { OpenedImages } from "../opened.ts";

export interface ListedImage {
  readonly source: string;
  readonly file: Blob;
  readonly label: ImageLabel;
}

export interface ListedImages extends Pick<OpenedImages, "name" | "labelsFrom"> {
  readonly images: readonly ListedImage[];
}

export interface DroppedImages {
  readonly files: readonly GivenFile[];
}

/** In place of those before. */
export const images: Handler<DroppedImages, ListedImages> = async ({ files }, context) => {
  const { labels, logits } = context.opened.model().vision.info;
  const set = await openImageFiles(files, { labels: labels.names, classCount: logits.classes });
  return listed({ name: nameOf(set.entries), ...set }, context);
};

/** One picture more, such as one of a camera. */
export const addImage: Handler<{ readonly file: Blob; readonly name: string }, ListedImages> = (
  { file, name },
  context,
) => {
  const entry: ImageEntry = { source: name, file, label: {}, read: () => decodeImage(file, name) };
  const { images: before } = context.opened;
  return listed({ ...before, entries: [...before.entries, entry] }, context);
};

/** The set that the embedded images are: `models/optotypes`. */
const EMBEDDED = { seed: 4, count: 60 };

/** Drawn here, to the same pixels as in the files. */
export const optotypes: Handler<{ readonly size: number }, ListedImages> = async ({ size }, context) => {
  const masks = new Map<string, MaskImage>();
  const entries: ImageEntry[] = [];
  const { names } = context.opened.model().vision.info.labels;
  for (let index = 0; index < EMBEDDED.count; index++) {
    const sample = makeOptotype({ seed: EMBEDDED.seed, index, size });
    const { file: source, mask: maskFile } = optotypeFiles(sample);
    const { image, box, label: className } = sample;
    const label: ImageLabel = {
      ...classOf(className, names),
      box: [box.x, box.y, box.width, box.height],
      maskFile,
    };
    masks.set(maskFile, { width: size, height: size, data: sample.mask });
    entries.push({
      source,
      file: new Blob([(await encodePng(image)) as Uint8Array<ArrayBuffer>], { type: "image/png" }),
      label,
      read: async () => ({ ...image, ...label, source }),
    });
  }
  const readMask = async (path: string) => masks.get(path) as MaskImage;
  entries.sort((a, b) => (a.source < b.source ? -1 : 1));
  const labelsFrom = entries.every(({ label }) => label.classIndex === undefined) ? "none" : "drawn";
  return listed({ name: "optotypes", labelsFrom, entries, readMask }, context);
};

/** A letter is a class only of networks that know it by that name. */
function classOf(className: string, names: readonly string[] | undefined): ImageLabel {
  const classIndex = names?.indexOf(className) ?? -1;
  return classIndex < 0 ? {} : { classIndex, className };
}

function listed(images: OpenedImages, { opened }: Pick<HandlerContext, "opened">): ListedImages {
  opened.images = images;
  const { name, labelsFrom, entries } = images;
  return { name, labelsFrom, images: entries.map(({ source, file, label }) => ({ source, file, label })) };
}

/** The folder that all lie in, or how many there are. */
function nameOf(entries: readonly ImageEntry[]): string {
  const folders = new Set(entries.map(({ source }) => source.split("/").slice(0, -1)[0]));
  const [folder] = folders;
  if (folders.size === 1 && folder !== undefined) return folder;
  return entries.length === 1 ? (entries[0]?.source ?? "") : `${entries.length} files`;
}
