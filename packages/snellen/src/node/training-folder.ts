// A folder of pictures as a data set: a class for each folder under it (ImageFolder), or classes from a label file.
// Files and labels are found as everywhere (`openImages`); pictures are decoded when they are asked for.
import { stat } from "node:fs/promises";
import { basename, dirname, relative, resolve, sep } from "node:path";
import { UsageError } from "@snellen/graph";
import { fingerprint } from "../datasets/pictures/fingerprint.ts";
import { openRecipe } from "../datasets/pictures/open-recipe.ts";
import type { TrainingPictures } from "../datasets/pictures/training-pictures.ts";
import type { ImageLabel } from "../images/image.ts";
import { type ImageEntry, openImages } from "./images.ts";
import { decodeImage } from "./images-decode.ts";
import type { LabelOptions } from "./images-labels.ts";
import { isNpyName } from "./images-list.ts";

/** A class index beyond is a typing mistake, and would make a list of so many names. */
const MOST_CLASSES = 1_000_000;
const SPLIT_NAMES: ReadonlySet<string> = new Set(["train", "test", "val", "valid", "validation"]);
/** Files whose sizes are asked for at a time. */
const STATS_AT_ONCE = 64;

export type FolderOptions = Pick<LabelOptions, "labelFile" | "labels">;

/**
 * Opens a folder of labelled pictures.
 *
 * Classes come from `labelFile`, from a label file beside the pictures, or from the names of the folders, in sorted order; with
 * `labels`, names are matched to those, as a network that is trained further has them.
 * @throws ImageError `no-images`, `image-not-found`; UsageError `unlabelled-pictures`, `one-class`, `split-folders`,
 *   `npy-pictures`, and those of label files
 */
export async function openFolder(folder: string, options: FolderOptions = {}): Promise<TrainingPictures> {
  const entries = await labelledEntries(folder, options);
  const npy = entries.find(({ source }) => isNpyName(source.replace(/\[\d+\]$/, "")));
  if (npy !== undefined)
    throw new UsageError("npy-pictures", "a training takes pictures, no preprocessed tensors.", {
      where: npy.source,
    });
  const { labels, classes } = classesOf(entries, options.labels, folder);
  const paths = entries.map(({ source }) => source);
  const root = resolve(folder);
  const name = basename(root);
  const sizes = await sizesOf(paths);
  const described = paths.map((path, i) => [relative(root, path).split(sep).join("/"), classes[i], sizes[i]]);
  const version = `${name}:${paths.length}@${fingerprint([new TextEncoder().encode(JSON.stringify([labels, described]))])}`;
  return openRecipe({ kind: "files", name, labels, version, paths, classes }, decodeImage);
}

async function labelledEntries(folder: string, options: FolderOptions): Promise<readonly ImageEntry[]> {
  const found = await openImages(folder, options);
  if (found.labelsFrom !== "none") return found.entries;
  requireInFolders(found.entries, folder);
  return (await openImages(folder, { ...options, labelsFrom: "folder" })).entries;
}

/** A picture beside the folders would have the whole folder's name for its class. @throws UsageError `unlabelled-pictures` */
function requireInFolders(entries: readonly ImageEntry[], folder: string): void {
  const stray = entries.filter(({ source }) => dirname(source) === resolve(folder));
  const [first] = stray;
  if (first === undefined) return;
  if (stray.length === entries.length)
    throw new UsageError("unlabelled-pictures", "its pictures lie right in it, without a class.", {
      where: folder,
      hint: "Put each class into a folder of its own, or name every picture in a file for --data-labels.",
    });
  throw new UsageError("unlabelled-pictures", "lies beside the folders of the classes, without a class.", {
    where: first.source,
    hint: `Move it${stray.length === 1 ? "" : ` and ${stray.length - 1} others there`} into a class's folder, or out of ${folder}.`,
  });
}

interface Classes {
  readonly labels: readonly string[];
  readonly classes: Uint32Array;
}

function classesOf(
  entries: readonly ImageEntry[],
  given: readonly string[] | undefined,
  folder: string,
): Classes {
  const bare = entries.filter(({ label }) => label.classIndex === undefined && label.className === undefined);
  if (bare.length > 0)
    throw new UsageError(
      "unlabelled-pictures",
      `${bare.length} of ${entries.length} pictures have no class.`,
      {
        where: bare[0]!.source,
        hint: "Put each class into a folder of its own, or name every picture in a label file.",
      },
    );
  const labels = given ?? labelsOf(entries.map(({ label }) => label));
  const names = new Map(labels.map((name, index) => [name, index]));
  const classes = Uint32Array.from(
    entries,
    ({ label }) => label.classIndex ?? names.get(label.className!) ?? labels.length,
  );
  const unknown = classes.findIndex((index) => index >= labels.length);
  if (unknown >= 0)
    throw new UsageError("unknown-class", `its class is none of the ${labels.length} known ones.`, {
      where: entries[unknown]!.source,
    });
  requireClasses(labels, folder);
  return { labels, classes };
}

/** Names in sorted order, or, where pictures have indices, in that of the indices. */
function labelsOf(found: readonly ImageLabel[]): readonly string[] {
  const indices = found.map(({ classIndex }) => classIndex);
  if (indices.includes(undefined)) return [...new Set(found.map(({ className }) => className!))].sort();
  const most = indices.reduce<number>((a, b) => Math.max(a, b!), 0);
  if (most >= MOST_CLASSES)
    throw new UsageError("label-out-of-range", `class ${most} is beyond a million classes.`, {
      where: "--labels",
    });
  const names = new Map(found.map(({ classIndex, className }) => [classIndex, className]));
  return Array.from({ length: most + 1 }, (_, index) => names.get(index) ?? String(index));
}

function requireClasses(labels: readonly string[], folder: string): void {
  if (labels.length > 0 && labels.every((name) => SPLIT_NAMES.has(name.toLowerCase())))
    throw new UsageError("split-folders", `its folders are ${labels.join(", ")}, no classes.`, {
      where: folder,
      hint: `Give one of them, as ${folder.replace(/\/$/, "")}/${labels.includes("train") ? "train" : labels[0]}.`,
    });
  if (labels.length < 2)
    throw new UsageError("one-class", "all pictures are of one class, of which nothing can be learnt.", {
      where: folder,
      hint: "Put each class into a folder of its own.",
    });
}

async function sizesOf(paths: readonly string[]): Promise<number[]> {
  const sizes: number[] = [];
  for (let at = 0; at < paths.length; at += STATS_AT_ONCE) {
    const some = paths.slice(at, at + STATS_AT_ONCE).map((path) =>
      stat(path).then(
        ({ size }) => size,
        () => -1,
      ),
    );
    sizes.push(...(await Promise.all(some)));
  }
  return sizes;
}
