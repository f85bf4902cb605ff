// Which class each image of a set belongs to, read from a CSV (`file,label`) or JSON document.
// Text in, data out; the doors read the files and match the names with images.
import type { ImageLabel } from "../images/image.ts";
import { isRecord } from "../json.ts";
import { type AnnotatedFile, annotatedObjects } from "./annotated-objects.ts";
import { parseJson } from "./labels.ts";

/** What a label file says of one image; `file` and `maskFile` are as it writes them, with forward slashes. */
export interface LabelledFile extends ImageLabel {
  readonly file: string;
}

const FILE_COLUMNS = ["file", "filename", "file_name", "image", "path"];
const LABEL_COLUMNS = [
  "label",
  "class",
  "class_name",
  "classname",
  "target",
  "class_index",
  "classindex",
  "category",
];

/**
 * Reads a label file.
 *
 * Understood: CSV with the columns file and label (comma, semicolon or tab; a header is optional); a JSON object from file
 * to label, bare or under `labels`; a JSON document with `images: [{ file, class, classIndex, box, mask }]`, as
 * `snellen dataset` writes it; documents of objects, see `annotatedObjects`, whose images may have a class too. A label is a number (class index) or a name.
 *
 * Returns undefined where the document is of another kind.
 * @throws UsageError `bad-json`.
 */
export function parseImageLabels(text: string, file: string): LabelledFile[] | undefined {
  if (!/\.json$/i.test(file)) return fromTable(parseTable(text));
  const json = parseJson(text, file);
  if (!isRecord(json)) return undefined;
  if (Array.isArray(json.images)) return fromDocument(json, json.images);
  const labels = isRecord(json.labels) ? json.labels : json;
  return allDefined(Object.entries(labels).map(([name, label]) => labelled(name, label)));
}

function allDefined<T>(values: readonly (T | undefined)[]): T[] | undefined {
  const defined = values.filter((value) => value !== undefined);
  return defined.length === values.length && defined.length > 0 ? defined : undefined;
}

const withSlashes = (path: string): string => path.replaceAll("\\", "/").replace(/^\.\//, "");

const withSlashedMasks = ({ file, objects }: AnnotatedFile): LabelledFile => ({
  file: withSlashes(file),
  objects: objects.map((object) =>
    object.maskFile === undefined ? object : { ...object, maskFile: withSlashes(object.maskFile) },
  ),
});

/** Classes and objects of a document that may give either for each image, or both. */
function fromDocument(
  json: Readonly<Record<string, unknown>>,
  images: readonly unknown[],
): LabelledFile[] | undefined {
  const classed = images.map(fromAnnotation);
  const objects = annotatedObjects(json)?.map(withSlashedMasks);
  if (objects === undefined) return allDefined(classed);
  const classes = new Map(classed.filter((entry) => entry !== undefined).map((entry) => [entry.file, entry]));
  const both = objects.map((entry) => joined(classes.get(entry.file), entry));
  const named = new Set(objects.map(({ file }) => file));
  return [...both, ...[...classes.values()].filter(({ file }) => !named.has(file))];
}

function joined(classed: LabelledFile | undefined, { file, objects = [] }: LabelledFile): LabelledFile {
  if (classed === undefined) return { file, objects };
  if (objects.length === 0) return classed;
  const { maskFile, ...label } = classed;
  // a mask whose values tell objects apart is no mask of one object
  const isShared = objects.some((object) => object.maskFile === maskFile);
  return { ...label, ...(maskFile === undefined || isShared ? {} : { maskFile }), objects };
}

function labelled(file: string, label: unknown): LabelledFile | undefined {
  const named = withSlashes(file);
  if (typeof label === "number" && Number.isInteger(label) && label >= 0)
    return { file: named, classIndex: label };
  if (typeof label !== "string" || label === "") return undefined;
  return /^\d+$/.test(label) ? { file: named, classIndex: Number(label) } : { file: named, className: label };
}

/** One image of an `annotations.json`; undefined where it has no class of its own. */
function fromAnnotation(entry: unknown): LabelledFile | undefined {
  if (!isRecord(entry) || typeof entry.file !== "string") return undefined;
  const { classIndex, box, mask } = entry;
  const className = entry.class;
  const isIndex = typeof classIndex === "number" && Number.isInteger(classIndex) && classIndex >= 0;
  if (!isIndex && typeof className !== "string") return undefined;
  const isBox = Array.isArray(box) && box.length === 4 && box.every((value) => typeof value === "number");
  return {
    file: withSlashes(entry.file),
    ...(isIndex ? { classIndex } : {}),
    ...(typeof className === "string" ? { className } : {}),
    ...(isBox ? { box: box as unknown as NonNullable<ImageLabel["box"]> } : {}),
    ...(typeof mask === "string" ? { maskFile: withSlashes(mask) } : {}),
  };
}

function fromTable(rows: readonly (readonly string[])[]): LabelledFile[] | undefined {
  const header = rows[0]?.map((name) => name.toLowerCase()) ?? [];
  const named = header.findIndex((name) => FILE_COLUMNS.includes(name));
  const classed = header.findIndex((name) => LABEL_COLUMNS.includes(name));
  const hasHeader = named >= 0 && classed >= 0;
  const [fileColumn, labelColumn] = hasHeader ? [named, classed] : [0, 1];
  const body = hasHeader ? rows.slice(1) : rows;
  return allDefined(body.map((row) => labelled(row[fileColumn] ?? "", row[labelColumn])));
}

/** Rows of a CSV (RFC 4180 quoting); the delimiter is the one of `,`, `;` and tab that the first line has most of. */
function parseTable(text: string): string[][] {
  const lines = text.replace(/^\uFEFF/, "").split(/\r?\n/);
  const count = (delimiter: string) => (lines[0] ?? "").split(delimiter).length;
  const delimiter = [",", ";", "\t"].reduce((best, next) => (count(next) > count(best) ? next : best));
  const cell = new RegExp(
    `(?:"((?:[^"]|"")*)"|((?:[^"${delimiter}][^${delimiter}]*)?))(?:${delimiter}|$)`,
    "y",
  );
  return lines.filter((line) => line.trim() !== "").map((line) => splitLine(line, cell));
}

function splitLine(line: string, cell: RegExp): string[] {
  const cells: string[] = [];
  cell.lastIndex = 0;
  while (cell.lastIndex < line.length) {
    const match = cell.exec(line);
    if (match === null) return [];
    cells.push((match[1]?.replaceAll('""', '"') ?? match[2] ?? "").trim());
  }
  return cells;
}
