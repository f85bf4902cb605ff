// A window of a picture's rows in the kernels' memory: the rows around the one that is worked on, with the border's samples beside
// them. Few rows are held at a time, whatever the picture's size.
import { addressOf, type KernelMemory } from "../kernels/kernels.ts";
import { type Border, borderIndex } from "./borders.ts";

export interface RowShape {
  readonly width: number;
  readonly height: number;
  /** Values of a pixel that stand side by side. */
  readonly channels: number;
}

export interface RowSource extends RowShape {
  /** Writes row `y`, `width * channels` values. */
  readonly read: (y: number, into: Float32Array) => void;
}

/** How far beyond a pixel the window reaches, in pixels, and what lies beyond the border. */
export interface Reach {
  readonly left: number;
  readonly right: number;
  readonly above: number;
  readonly below: number;
  readonly border: Border;
}

export interface RowWindow {
  /** Makes the rows around row y available; rows are to be asked for from the top down. */
  readonly moveTo: (y: number) => void;
  /** Address of the values `dx` pixels to the right of the first of a row, which may lie beyond the border. */
  readonly at: (y: number, dx: number) => number;
}

const rowLength = ({ width, channels }: RowShape, { left, right }: Reach): number =>
  (left + width + right) * channels;

const heldRows = ({ height }: RowShape, { above, below }: Reach): number =>
  Math.min(height, above + 1 + below);

/** Bytes of the kernels' memory that a window takes. */
export const windowBytes = (shape: RowShape, reach: Reach): number =>
  4 * heldRows(shape, reach) * rowLength(shape, reach);

export function rowWindow(memory: KernelMemory, source: RowSource, reach: Reach): RowWindow {
  const { width, height, channels } = source;
  const { left, right, below, border } = reach;
  const length = rowLength(source, reach);
  const held = heldRows(source, reach);
  const rows = memory.floats(held * length);
  const pad = padding(width, left, right, border);
  let next = 0;
  return {
    moveTo(y) {
      for (; next <= Math.min(height - 1, y + below); next++) {
        const start = (next % held) * length;
        const inside = start + left * channels;
        source.read(next, rows.subarray(inside, inside + width * channels));
        padRow(rows.subarray(start, start + length), pad, channels);
      }
    },
    at(y, dx) {
      const row = borderIndex(border, y, height) % held;
      return addressOf(rows, row * length + (left + dx) * channels);
    },
  };
}

/** Pixels of a padded row that lie beyond the border, and those that stand for them, alternating. */
export function padding(width: number, left: number, right: number, border: Border): Int32Array {
  const beyond = [
    ...Array.from({ length: left }, (_, i) => i - left),
    ...Array.from({ length: right }, (_, i) => width + i),
  ];
  return Int32Array.from(beyond.flatMap((x) => [left + x, left + borderIndex(border, x, width)]));
}

/** Fills what `padding` lists. */
export function padRow(row: Float32Array, pad: Int32Array, channels: number): void {
  for (let i = 0; i < pad.length; i += 2) {
    const to = pad[i]! * channels;
    const from = pad[i + 1]! * channels;
    for (let c = 0; c < channels; c++) row[to + c] = row[from + c]!;
  }
}
