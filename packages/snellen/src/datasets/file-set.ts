// What a data set in files of its own format is: which files it wants, how long each must be, and what they hold.
// Bytes in, recipe out; the door for Node finds and reads the files (`node/data-files.ts`).
import type { RecordRecipe } from "./pictures/record-pictures.ts";

export const splits = ["train", "test"] as const;
/** Pictures to learn from, or those to judge by. */
export type Split = (typeof splits)[number];

/** One file that a set is made of. */
export interface DataFile {
  /** Names that it goes by; the first that exists is read. Names with `.gz` are compressed. */
  readonly names: readonly string[];
  /** The set can do without. */
  readonly isOptional?: boolean;
  /**
   * Bytes that a file has to have, told by its beginning, before memory is taken for it.
   * @param head its first bytes, 64 where it has as many
   * @param size bytes that it has; undefined where it is compressed
   * @throws UsageError where it is no file of the format, or promises more than `MOST_BYTES`
   */
  readonly lengthOf: (head: Uint8Array, size: number | undefined, file: string) => number;
}

/** A file that was read. */
export interface ReadDataFile {
  readonly bytes: Uint8Array;
  /** Its path, for messages. */
  readonly file: string;
}

export interface FileSet {
  readonly id: string;
  readonly summary: string;
  /** Where an operating system's package puts it, and the package's name. */
  readonly packaged?: { readonly folder: string; readonly package: string };
  /** Folders under the given one that archives unpack to. */
  readonly subfolders?: readonly string[];
  files(split: Split): readonly DataFile[];
  /**
   * @param read one for each of `files(split)`; undefined for an optional one that is not there
   * @throws UsageError `bad-data-file` where they do not fit one another
   */
  recipe(read: readonly (ReadDataFile | undefined)[], split: Split): RecordRecipe;
}

/** Files that hold or promise more are refused. */
export const MOST_BYTES = 2 ** 31;

/** How much of a file tells its length. */
export const HEAD_BYTES = 64;
