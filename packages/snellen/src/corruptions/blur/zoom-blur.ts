// Zoom blur, as of a camera that moves quickly towards what it sees: the mean of enlargements, the picture itself twice.
// Constants and recipe: ImageNet-C (Hendrycks & Dietterich 2019); its enlargements are cut at the upper left, not in the middle.
import { defineCorruption, type Pixels } from "../corruption.ts";
import { addressOf, type WeightedRows, weightedSum, withKernelMemory } from "../kernels/kernels.ts";
import { type ZoomedAxis, zoomedAxis } from "../parts/clipped-zoom.ts";
import { pixelRows } from "../parts/pixel-rows.ts";

export interface ZoomLevel {
  /** How much each enlargement adds to the one before; the first is the picture itself. */
  readonly step: number;
  readonly enlargements: number;
}

export const zoomBlur = defineCorruption<ZoomLevel>({
  id: "zoom_blur",
  family: "blur",
  imagenetC: "common",
  summary: "averages the picture and enlargements of it",
  unit: "steps of the zoom, and how many enlargements there are",
  levels: [
    { step: 0.01, enlargements: 12 },
    { step: 0.01, enlargements: 16 },
    { step: 0.02, enlargements: 11 },
    { step: 0.02, enlargements: 13 },
    { step: 0.03, enlargements: 11 },
  ],
  apply(pixels, { step, enlargements }) {
    const { width, height, data } = pixels;
    // What NumPy's `arange` adds up: a window's size turns on the last digit of its zoom.
    const delta = 1 + step - 1;
    const zooms = Array.from({ length: enlargements - 1 }, (_, i) => 1 + (i + 1) * delta);
    const out = new Uint8Array(data.length);
    const plan = pixelRows(pixels, out);
    const rowLength = 3 * width;
    const count = 2 * zooms.length + 1;
    withKernelMemory(4 * (count + 1) * rowLength + 8 * count + plan.bytes, (memory) => {
      const { read, take } = plan.open(memory);
      const rows = Array.from({ length: count }, () => memory.floats(rowLength).fill(0));
      const weighted = { rows: memory.addresses(count), weights: memory.floats(count) };
      const sums = memory.floats(rowLength);
      const own = rows[count - 1] as Float32Array;
      const share = 1 / (enlargements + 1);
      const enlargers = zooms.map((zoom, i) =>
        enlarger(pixels, zoom, share, { ...weighted, buffers: rows, first: 2 * i }),
      );
      weighted.rows[count - 1] = addressOf(own);
      weighted.weights[count - 1] = 2 * share;
      for (let y = 0; y < height; y++) {
        read(y, own);
        for (const moveTo of enlargers) moveTo(y);
        weightedSum(sums, weighted);
        take(sums, y);
      }
    });
    return out;
  },
});

interface Enlarged extends WeightedRows {
  /** What `rows` are addresses of. */
  readonly buffers: readonly Float32Array[];
  /** The first of the enlargement's two rows. */
  readonly first: number;
}

/**
 * Keeps, of the rows to be summed, `first` and the one behind it at two rows of the picture, enlarged along x, that the wanted row
 * of an enlargement lies between, and their weights at what it takes of each. Rows are wanted from the top down.
 */
function enlarger(
  { width, height, data }: Pixels,
  zoom: number,
  share: number,
  { buffers, rows, weights, first }: Enlarged,
): (y: number) => void {
  const [across, down] = [zoomedAxis(width, zoom), zoomedAxis(height, zoom)];
  const enlarge = (row: number, into: Float32Array) =>
    enlargeRow(data, 3 * ((down.start + row) * width + across.start), across, into);
  let [upper, lower] = [buffers[first]!, buffers[first + 1]!];
  let held = -2;
  return (y) => {
    const row = down.at[y]!;
    if (row !== held) {
      if (row === held + 1) [upper, lower] = [lower, upper];
      else enlarge(row, upper);
      enlarge(row + 1, lower);
      held = row;
      rows[first] = addressOf(upper);
      rows[first + 1] = addressOf(lower);
    }
    const isInside = y < down.inside;
    weights[first] = isInside ? share * (1 - down.share[y]!) : 0;
    weights[first + 1] = isInside ? share * down.share[y]! : 0;
  };
}

/** One row along x, the window's first byte at `start`; what lies outside of it stays 0. */
function enlargeRow(
  data: Uint8Array,
  start: number,
  { at, share, inside }: ZoomedAxis,
  into: Float32Array,
): void {
  const end = Math.min(3 * inside, into.length);
  for (let x = 0, o = 0; o < end; x++, o += 3) {
    const i = start + 3 * at[x]!;
    const part = share[x]!;
    into[o] = data[i]! + part * (data[i + 3]! - data[i]!);
    into[o + 1] = data[i + 1]! + part * (data[i + 4]! - data[i + 1]!);
    into[o + 2] = data[i + 2]! + part * (data[i + 5]! - data[i + 2]!);
  }
}
