// Pixelation: scaled down by means of whole samples and up again by copies. Constants and recipe: ImageNet-C (Hendrycks & Dietterich
// 2019); the two resizers are those of Pillow (BOX, NEAREST), rounding included.
import { defineCorruption, type Pixels } from "../corruption.ts";
import { averageColumns, averageRows, copyColumns, reciprocalOf } from "../kernels/boxes.ts";
import { type KernelMemory, withKernelMemory } from "../kernels/kernels.ts";

export const pixelate = defineCorruption<number>({
  id: "pixelate",
  family: "digital",
  imagenetC: "common",
  summary: "scales the picture down and up again without smoothing",
  unit: "factor that the sides are scaled down by",
  levels: [0.6, 0.5, 0.4, 0.3, 0.25],
  apply: (pixels, factor) =>
    scaledDownAndUp(pixels, Math.trunc(pixels.width * factor), Math.trunc(pixels.height * factor)),
});

/** Samples `starts[k]` to `ends[k]` - 1 are behind mean k. */
export interface BoxRanges {
  readonly starts: Int32Array;
  readonly ends: Int32Array;
}

/**
 * Which of `from` samples each of `size` means is over: those whose middle lies in its box, decided by Pillow's own sums. Where a
 * middle falls on the border of two boxes, they may put a sample in both, or in neither.
 */
export function boxRanges(from: number, size: number): BoxRanges {
  const scale = from / size;
  const [starts, ends] = [new Int32Array(size), new Int32Array(size)];
  for (let k = 0; k < size; k++) {
    const centre = (k + 0.5) * scale;
    const position = (sample: number): number => (sample - centre + 0.5) * (1 / scale);
    let start = Math.max(0, Math.trunc(centre - scale / 2 + 0.5));
    let end = Math.min(from, Math.trunc(centre + scale / 2 + 0.5));
    while (position(start) <= -0.5) start++;
    while (position(end - 1) > 0.5) end--;
    starts[k] = start;
    ends[k] = end;
  }
  return { starts, ends };
}

/**
 * The sample of `size` that each of `to` copies. The position is summed up and not multiplied, as in Pillow: where it would be a
 * whole number, the sum falls just below.
 */
export function nearestSources(size: number, to: number): Int32Array {
  const step = size / to;
  const sources = new Int32Array(to);
  let position = step / 2;
  for (let i = 0; i < to; i++) {
    sources[i] = Math.min(size - 1, Math.trunc(position));
    position += step;
  }
  return sources;
}

/** One row of the small picture after the other, each copied to all rows that it is the nearest to. */
function scaledDownAndUp({ width, height, data }: Pixels, narrow: number, low: number): Uint8Array {
  const { starts, ends } = boxRanges(height, low);
  const most = starts.reduce((count, start, k) => Math.max(count, ends[k]! - start), 0);
  const sources = nearestSources(low, height);
  const length = 3 * width;
  const out = new Uint8Array(length * height);
  withKernelMemory(bytesFor(width, narrow, most), (memory) => {
    const { boxes, copies, picture, averaged, small, row } = layOut(memory, width, narrow, most);
    for (let y = 0; y < height; y++) {
      const source = sources[y]!;
      if (y === 0 || source !== sources[y - 1]) {
        const count = ends[source]! - starts[source]!;
        picture.set(data.subarray(starts[source]! * length, ends[source]! * length));
        averageColumns(picture, count, length, boxes, averaged);
        averageRows(averaged, count, small);
        copyColumns(small, copies, row);
      }
      out.set(row, y * length);
    }
  });
  return out;
}

const bytesFor = (width: number, narrow: number, most: number): number =>
  4 * (3 * narrow + width) + 3 * (most + 1) * (width + narrow);

/** What the kernels work on: tables along a row, and as many rows as a mean is over at most. */
function layOut(memory: KernelMemory, width: number, narrow: number, most: number) {
  const { starts, ends } = boxRanges(width, narrow);
  const boxes = memory.addresses(3 * narrow);
  for (const [k, start] of starts.entries())
    boxes.set([3 * start, 3 * ends[k]!, reciprocalOf(ends[k]! - start)], 3 * k);
  const copies = memory.addresses(width);
  copies.set(nearestSources(narrow, width).map((x) => 3 * x));
  return {
    boxes,
    copies,
    picture: memory.bytes(3 * width * most),
    averaged: memory.bytes(3 * narrow * most),
    small: memory.bytes(3 * narrow),
    row: memory.bytes(3 * width),
  };
}
