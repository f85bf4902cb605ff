// Kernels for means over boxes of pixels, on views of the kernels' memory. What they do stands in `assembly/boxes.ts`.
import { kernels } from "./kernels.ts";

export interface BoxExports {
  readonly averageColumns: (
    rgb: number,
    rows: number,
    length: number,
    boxes: number,
    size: number,
    out: number,
  ) => void;
  readonly averageRows: (
    rows: number,
    count: number,
    length: number,
    reciprocal: number,
    out: number,
  ) => void;
  readonly copyColumns: (row: number, sources: number, width: number, out: number) => void;
}

/** Divides by `count` in fixed point with 22 binary places: exact to the rounded byte, halves upwards. */
export const reciprocalOf = (count: number): number => Math.round(2 ** 22 / count);

/**
 * Means along the first `rows` rows of RGB, each of `length` bytes.
 * @param boxes three numbers a mean: place of its first byte, place behind its last, reciprocal of the count of pixels
 */
export const averageColumns = (
  rgb: Uint8Array,
  rows: number,
  length: number,
  boxes: Uint32Array,
  out: Uint8Array,
): void =>
  kernels.averageColumns(rgb.byteOffset, rows, length, boxes.byteOffset, boxes.length / 3, out.byteOffset);

/** Means over the first `count` of the rows, each as long as `out`. */
export const averageRows = (rows: Uint8Array, count: number, out: Uint8Array): void =>
  kernels.averageRows(rows.byteOffset, count, out.length, reciprocalOf(count), out.byteOffset);

/** Pixels of a row of RGB, copied from the places of their first bytes. */
export const copyColumns = (row: Uint8Array, sources: Uint32Array, out: Uint8Array): void =>
  kernels.copyColumns(row.byteOffset, sources.byteOffset, sources.length, out.byteOffset);
