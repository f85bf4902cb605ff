// Finds the classes of images: in a label file, in the names of their folders (ImageFolder), or in their own names.
// A label that is asked for must fit the model; one that is merely found is left out where it does not. Doors know paths and files.
import { UsageError } from "@snellen/graph";
import type { ImageLabel, ImageObject } from "../images/image.ts";
import { findClasses, indexClassNames } from "./labels.ts";
import { type LabelledFile, parseImageLabels } from "./labels-per-image.ts";

/** One file to read, and the folder it was found under (its own folder, if it was given by name). */
export interface ImageFile {
  readonly path: string;
  readonly root: string;
  /** Path under the root, with forward slashes. */
  readonly name: string;
}

/** The order of images: by code unit, so that it does not change with the machine's language. */
export const byName = (a: ImageFile, b: ImageFile): number =>
  a.name < b.name ? -1 : a.name > b.name ? 1 : 0;

/** Paths and texts, as the door has them. */
export interface LabelFiles {
  readonly basename: (path: string) => string;
  readonly dirname: (path: string) => string;
  /** The path that `path` means in `folder`, without `.` and `..`. */
  readonly resolve: (folder: string, path: string) => string;
  /** Undefined where there is no such file. */
  readonly readText: (path: string) => Promise<string | undefined>;
}

/** Where the classes of images are looked for, and which classes the model has. */
export interface LabelOptions {
  /**
   * `folder`: a class per folder, as ImageFolder has it; `filename`: names such as `388_giant_panda.jpg`; `file`: the label
   * file; `none`; `auto` (default): a label file beside the images, else names that fit the model's classes, else none.
   */
  readonly labelsFrom?: "auto" | "folder" | "filename" | "file" | "none";
  /** CSV or JSON; see `parseImageLabels`. */
  readonly labelFile?: string;
  /** The model's class names, to which names are matched. */
  readonly labels?: readonly string[];
  /** How many classes the model has, where it has no names. */
  readonly classCount?: number;
}

export interface FoundLabels {
  /** By the file's path; absent for files without a label. */
  readonly byPath: ReadonlyMap<string, ImageLabel>;
  /** Where they came from: `folder`, `filename`, `none`, or the label file's path. */
  readonly from: string;
}

const NONE: FoundLabels = { byPath: new Map(), from: "none" };
/** Label files that are looked for beside images. */
const FILE_NAMES = ["annotations.json", "labels.json", "labels.csv"];
const NUMBERED = /^(\d+)_(.*?)(?:\.[^.]*)?$/;

/**
 * Finds the label of each file.
 * @throws UsageError `bad-label-file`, `unknown-class`, `label-out-of-range`, `no-labels` where labels were asked for.
 */
export async function labelImages(
  files: readonly ImageFile[],
  options: LabelOptions,
  at: LabelFiles,
): Promise<FoundLabels> {
  const { labelFile, labelsFrom = labelFile === undefined ? "auto" : "file" } = options;
  if (labelsFrom === "none") return NONE;
  if (labelsFrom === "folder")
    return fromFolders(files, options, at, true) ?? noLabels("no image lies in a class folder.");
  if (labelsFrom === "filename") return fromNames(files, at);
  if (labelsFrom === "file") return fromFile(files, labelFile, options, at);
  return (
    (await fromFoundFile(files, options, at)) ??
    fromFolders(files, options, at, false) ??
    fromFittingNames(files, options, at) ??
    NONE
  );
}

function noLabels(what: string): never {
  throw new UsageError("no-labels", what, {
    where: "--labels-from",
    hint: "Give a label file, or --labels-from none.",
  });
}

const classCountOf = ({ classCount, labels }: LabelOptions): number | undefined =>
  classCount ?? labels?.length;

/** Index of a label among the model's classes: by name where the model has names, else as it is. */
function indexOf(label: ImageLabel, labels: readonly string[] | undefined): number | undefined {
  if (label.className === undefined || labels === undefined) return label.classIndex;
  const [named, second] = findClasses(labels, label.className);
  return named === undefined || second !== undefined ? label.classIndex : named;
}

/** Completes name and index from one another; an index that does not fit the model is an error or, if found, left out. */
function completed(label: ImageLabel, options: LabelOptions, where: string, asked: boolean): ImageLabel {
  const { classIndex: _, ...rest } = label;
  const { labels } = options;
  const count = classCountOf(options);
  const classIndex = indexOf(label, labels);
  if (classIndex === undefined) {
    const isClassed = label.className !== undefined || label.objects === undefined;
    if (asked && labels !== undefined && isClassed) throw unknownClass(label.className ?? "", where);
    return rest;
  }
  if (count !== undefined && classIndex >= count) {
    if (!asked) return rest;
    throw new UsageError(
      "label-out-of-range",
      `class ${classIndex} is beyond the model's ${count} classes.`,
      { where },
    );
  }
  const className = label.className ?? labels?.[classIndex];
  return { ...rest, classIndex, ...(className === undefined ? {} : { className }) };
}

const unknownClass = (name: string, where: string): UsageError =>
  new UsageError("unknown-class", `"${name}" names no class, or several, of the model.`, {
    where,
    hint: "Give the model's class names with --labels, or class indices.",
  });

async function fromFile(
  files: readonly ImageFile[],
  labelFile: string | undefined,
  options: LabelOptions,
  at: LabelFiles,
): Promise<FoundLabels> {
  if (labelFile === undefined)
    return (await fromFoundFile(files, options, at)) ?? noLabels("no label file lies beside the images.");
  const text = await at.readText(labelFile);
  if (text === undefined) throw new UsageError("bad-label-file", "cannot be read.", { where: labelFile });
  const entries = parseImageLabels(text, labelFile);
  if (entries === undefined) {
    throw new UsageError("bad-label-file", "holds no labels of images.", {
      where: labelFile,
      hint: 'Write "file,label" lines, or a JSON object from file to label.',
    });
  }
  const found = matched(files, entries, { file: labelFile, asked: true }, options, at);
  if (found.byPath.size > 0) return found;
  throw new UsageError("bad-label-file", "names none of the images.", { where: labelFile });
}

/** Labels of a file that lies in an image's root, or for `annotations.json` in the folder above it. */
async function fromFoundFile(
  files: readonly ImageFile[],
  options: LabelOptions,
  at: LabelFiles,
): Promise<FoundLabels | undefined> {
  for (const root of new Set(files.map((file) => file.root))) {
    const candidates = [
      ...FILE_NAMES.map((name) => at.resolve(root, name)),
      at.resolve(at.dirname(root), "annotations.json"),
    ];
    for (const candidate of candidates) {
      const text = await at.readText(candidate);
      if (text === undefined) continue;
      const entries = parseImageLabels(text, candidate);
      const found = entries && matched(files, entries, { file: candidate, asked: false }, options, at);
      if (found !== undefined && found.byPath.size > 0) return found;
    }
  }
  return undefined;
}

/** A label file names images relative to itself, or to the folder that was given, or by their bare names. */
function matched(
  files: readonly ImageFile[],
  entries: readonly LabelledFile[],
  { file: labelFile, asked }: { readonly file: string; readonly asked: boolean },
  options: LabelOptions,
  at: LabelFiles,
): FoundLabels {
  const folder = at.dirname(labelFile);
  const inFolder = (path: string) => at.resolve(folder, path);
  const byPath = new Map(entries.map((entry) => [inFolder(entry.file), entry]));
  const byName = new Map(entries.map((entry) => [entry.file, entry]));
  const found = new Map<string, ImageLabel>();
  for (const { path, name } of files) {
    const entry = byPath.get(path) ?? byName.get(name) ?? byName.get(at.basename(path));
    if (entry === undefined) continue;
    const { file, maskFile, ...label } = entry;
    const complete = completed(label, options, `${labelFile}: ${file}`, asked);
    found.set(path, {
      ...complete,
      ...(maskFile === undefined ? {} : { maskFile: inFolder(maskFile) }),
      ...(label.objects === undefined ? {} : { objects: label.objects.map((o) => located(o, inFolder)) }),
    });
  }
  return { byPath: found, from: labelFile };
}

const located = (object: ImageObject, at: (path: string) => string): ImageObject =>
  object.maskFile === undefined ? object : { ...object, maskFile: at(object.maskFile) };

/** Class of a file under ImageFolder's rule: the folder right under the root, or the own one of a file given by name. */
function folderOf({ name, path }: ImageFile, at: LabelFiles, asked: boolean): string | undefined {
  const slash = name.indexOf("/");
  if (slash >= 0) return name.slice(0, slash);
  return asked ? at.basename(at.dirname(path)) : undefined;
}

function fromFolders(
  files: readonly ImageFile[],
  options: LabelOptions,
  at: LabelFiles,
  asked: boolean,
): FoundLabels | undefined {
  const classes = files.map((file) => folderOf(file, at, asked));
  const names = [...new Set(classes)].filter((name) => name !== undefined);
  const count = classCountOf(options);
  const index = indexClassNames(names, options.labels ?? [], count ?? 0);
  const unknown = names.find((name) => !index.has(name));
  if (names.length === 0 || (!asked && (unknown !== undefined || classes.includes(undefined))))
    return undefined;
  if (unknown !== undefined && count !== undefined) throw unknownClass(unknown, "folder");
  const byPath = new Map<string, ImageLabel>();
  files.forEach(({ path }, i) => {
    const className = classes[i];
    if (className === undefined) return;
    const classIndex = index.get(className);
    byPath.set(path, classIndex === undefined ? { className } : { className, classIndex });
  });
  return { byPath, from: "folder" };
}

function fromNames(files: readonly ImageFile[], at: LabelFiles): FoundLabels {
  const byPath = new Map<string, ImageLabel>();
  for (const { path } of files) {
    const match = NUMBERED.exec(at.basename(path));
    if (match === null)
      return noLabels(`"${at.basename(path)}" does not start with a class number and an underscore.`);
    byPath.set(path, { classIndex: Number(match[1]), className: match[2]!.replaceAll("_", " ") });
  }
  return { byPath, from: "filename" };
}

/**
 * Numbers in front of names count unasked only where most names agree with the model's: cameras write numbers too, and a
 * model with a background class counts from one later.
 */
function fromFittingNames(
  files: readonly ImageFile[],
  { labels }: LabelOptions,
  at: LabelFiles,
): FoundLabels | undefined {
  if (labels === undefined || !files.every(({ path }) => NUMBERED.test(at.basename(path)))) return undefined;
  const found = fromNames(files, at);
  const all = [...found.byPath.values()];
  const agree = all.filter(({ className, classIndex }) =>
    findClasses(labels, className!).includes(classIndex!),
  );
  return 2 * agree.length > all.length ? found : undefined;
}
