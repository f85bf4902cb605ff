// Data sets as MNIST has them: a file of grey pictures and one of classes for each split, under MNIST's names.
import type { DataFile, FileSet, ReadDataFile, Split } from "../file-set.ts";
import { fingerprint } from "../pictures/fingerprint.ts";
import type { RecordRecipe } from "../pictures/record-pictures.ts";
import { badDataFile } from "./bad-data-file.ts";
import { parseIdx, parseIdxHeader } from "./idx.ts";

const PREFIXES = { train: "train", test: "t10k" } as const;
const IMAGES = { part: "images", rank: 3 } as const;
const CLASSES = { part: "labels", rank: 1 } as const;

/** A file as its authors name it, as some copies name it, packed or not. */
function idxFile(split: Split, { part, rank }: typeof IMAGES | typeof CLASSES): DataFile {
  const stem = `${PREFIXES[split]}-${part}`;
  const names = [`${stem}-idx${rank}-ubyte`, `${stem}.idx${rank}-ubyte`];
  return {
    names: [...names, ...names.map((name) => `${name}.gz`)],
    lengthOf: (head, _, file) => parseIdxHeader(head, rank, file).bytes,
  };
}

/** Defines a data set of MNIST's kind. */
export function idxSet(
  set: Pick<FileSet, "id" | "summary" | "packaged" | "subfolders"> & { readonly labels: readonly string[] },
): FileSet {
  const { labels, ...rest } = set;
  return {
    ...rest,
    files: (split) => [idxFile(split, IMAGES), idxFile(split, CLASSES)],
    recipe: ([images, classes]) => idxRecipe(set.id, labels, images!, classes!),
  };
}

function idxRecipe(
  name: string,
  labels: readonly string[],
  imageFile: ReadDataFile,
  classFile: ReadDataFile,
): RecordRecipe {
  const images = parseIdx(imageFile.bytes, IMAGES.rank, imageFile.file);
  const { values: classes } = parseIdx(classFile.bytes, CLASSES.rank, classFile.file);
  const [count, height, width] = images.dims as [number, number, number];
  if (classes.length !== count)
    throw badDataFile(`holds ${classes.length} classes for ${count} pictures.`, classFile.file);
  const most = classes.reduce((a, b) => Math.max(a, b), 0);
  if (most >= labels.length)
    throw badDataFile(`holds class ${most}; ${name} has ${labels.length} classes.`, classFile.file);
  return {
    kind: "records",
    name,
    labels,
    version: `${name}:${count}@${fingerprint([images.values, classes])}`,
    shape: { height, width, channels: 1 },
    order: "pixels",
    parts: [images.values],
    recordBytes: height * width,
    pixelOffset: 0,
    classes,
  };
}
