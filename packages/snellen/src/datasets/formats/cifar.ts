// CIFAR's binary version (Krizhevsky 2009): records of one or two class bytes, then 32 × 32 reds, greens and blues.
import type { DataFile, FileSet, ReadDataFile, Split } from "../file-set.ts";
import { MOST_BYTES } from "../file-set.ts";
import { fingerprint } from "../pictures/fingerprint.ts";
import type { RecordRecipe } from "../pictures/record-pictures.ts";
import { badDataFile } from "./bad-data-file.ts";

const SIDE = 32;
/** Class names are a few hundred bytes. */
const MOST_TEXT = 1 << 20;

export interface CifarFormat extends Pick<FileSet, "id" | "summary" | "subfolders"> {
  readonly batches: Readonly<Record<Split, readonly string[]>>;
  /** Class bytes in front of a picture; the last one counts. */
  readonly classBytes: 1 | 2;
  /** The file of class names. */
  readonly names: string;
  /** Class names where that file is missing; undefined where it is needed. */
  readonly labels?: readonly string[];
}

/** Defines a data set of CIFAR's kind. */
export function cifarSet(format: CifarFormat): FileSet {
  const { id, summary, subfolders = [], batches, classBytes } = format;
  const recordBytes = classBytes + 3 * SIDE * SIDE;
  const names: DataFile = {
    names: [format.names],
    isOptional: format.labels !== undefined,
    lengthOf(_, size = 0, file) {
      if (size > MOST_TEXT) throw badDataFile(`has ${size} bytes, too many for class names.`, file);
      return size;
    },
  };
  const batch = (name: string): DataFile => ({
    names: [name],
    lengthOf(_, size = 0, file) {
      if (size > MOST_BYTES) throw badDataFile(`has ${size} bytes, more than 2 GiB.`, file);
      requireRecords(size, recordBytes, file);
      return size;
    },
  });
  return {
    id,
    summary,
    subfolders,
    files: (split) => [names, ...batches[split].map(batch)],
    recipe: ([text, ...parts]) => cifarRecipe(format, recordBytes, text, parts as readonly ReadDataFile[]),
  };
}

function requireRecords(size: number, recordBytes: number, file: string): void {
  if (size > 0 && size % recordBytes === 0) return;
  throw badDataFile(`has ${size} bytes, which are no whole number of ${recordBytes}-byte records.`, file);
}

function cifarRecipe(
  { id, classBytes, labels: ours }: CifarFormat,
  recordBytes: number,
  text: ReadDataFile | undefined,
  parts: readonly ReadDataFile[],
): RecordRecipe {
  const labels = text === undefined ? ours! : linesOf(text);
  const classes = parts.flatMap(({ bytes, file }) => {
    requireRecords(bytes.length, recordBytes, file);
    const found = [];
    for (let at = classBytes - 1; at < bytes.length; at += recordBytes) found.push(bytes[at]!);
    const wrong = found.find((c) => c >= labels.length);
    if (wrong !== undefined)
      throw badDataFile(`holds class ${wrong}; ${id} has ${labels.length} classes.`, file);
    return found;
  });
  const bytes = parts.map((part) => part.bytes);
  return {
    kind: "records",
    name: id,
    labels,
    version: `${id}:${classes.length}@${fingerprint(bytes)}`,
    shape: { height: SIDE, width: SIDE, channels: 3 },
    order: "planes",
    parts: bytes,
    recordBytes,
    pixelOffset: classBytes,
    classes: Uint8Array.from(classes),
  };
}

function linesOf({ bytes, file }: ReadDataFile): string[] {
  // a copy: decoders take no shared memory
  const lines = new TextDecoder().decode(bytes.slice()).split("\n");
  const names = lines.map((line) => line.trim()).filter((line) => line !== "");
  if (names.length === 0) throw badDataFile("holds no class names.", file);
  return names;
}
