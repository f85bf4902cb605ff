// IDX files, the format of MNIST (LeCun, Cortes, Burges): two zeros, the type, the rank, big-endian sizes, then the values.
// Only unsigned bytes are read, which is all that MNIST and the sets made after it hold.
import { MOST_BYTES } from "../file-set.ts";
import { badDataFile } from "./bad-data-file.ts";

const UNSIGNED_BYTES = 0x08;

export interface IdxHeader {
  readonly dims: readonly number[];
  /** Where the values begin. */
  readonly offset: number;
  /** Bytes of the whole file. */
  readonly bytes: number;
}

/**
 * Reads the sizes at the beginning of an IDX file.
 * @param rank dimensions that the array has to have, 1 to 3
 * @throws UsageError `bad-data-file`: no IDX file, another type or rank, an empty array, more than 2 GiB
 */
export function parseIdxHeader(head: Uint8Array, rank: number, file: string): IdxHeader {
  const offset = 4 + 4 * rank;
  if (head.length < offset || head[0] !== 0 || head[1] !== 0) throw badDataFile("is no IDX file.", file);
  if (head[2] !== UNSIGNED_BYTES)
    throw badDataFile(`holds values of type 0x${head[2]!.toString(16)}, not unsigned bytes (0x8).`, file);
  if (head[3] !== rank) throw badDataFile(`holds an array of rank ${head[3]}, not ${rank}.`, file);
  const view = new DataView(head.buffer, head.byteOffset, head.byteLength);
  const dims = Array.from({ length: rank }, (_, axis) => view.getUint32(4 + 4 * axis));
  const bytes = dims.reduce((product, dim) => product * dim, 1) + offset;
  if (bytes === offset) throw badDataFile(`holds an empty array, [${dims.join(", ")}].`, file);
  if (!(bytes <= MOST_BYTES))
    throw badDataFile(`promises an array of [${dims.join(", ")}], more than 2 GiB.`, file);
  return { dims, offset, bytes };
}

/**
 * An IDX file's sizes and values; the values are a view of the file's bytes.
 * @throws UsageError `bad-data-file` as `parseIdxHeader`, and where the file is shorter or longer than its header says
 */
export function parseIdx(
  bytes: Uint8Array,
  rank: number,
  file: string,
): { readonly dims: readonly number[]; readonly values: Uint8Array } {
  const header = parseIdxHeader(bytes, rank, file);
  requireLength(bytes.length, header.bytes, file);
  return { dims: header.dims, values: bytes.subarray(header.offset) };
}

/** @throws UsageError `bad-data-file` where a file has fewer or more bytes than its header says */
export function requireLength(length: number, expected: number, file: string): void {
  if (length < expected) throw badDataFile(`is cut off: it has ${length} of ${expected} bytes.`, file);
  if (length > expected) throw badDataFile(`is too long: its header says ${expected} bytes.`, file);
}
