// Resizing of 8-bit pixels with antialiasing, in integer arithmetic, so that Node and the browser agree to the bit.
// The arithmetic is Pillow's (two passes, 22-bit fixed-point weights, 8 bits between them), because networks were trained with it.

export type Interpolation = "nearest" | "box" | "bilinear" | "bicubic" | "lanczos";

export const interpolations: readonly Interpolation[] = ["nearest", "box", "bilinear", "bicubic", "lanczos"];

/** The part of a resized picture that is wanted: the picture is scaled to `scaledWidth` × `scaledHeight`, then cut. */
export interface ResampleWindow {
  readonly scaledWidth: number;
  readonly scaledHeight: number;
  readonly left: number;
  readonly top: number;
  readonly width: number;
  readonly height: number;
}

interface Kernel {
  /** Half width of the kernel, in output pixels when shrinking. */
  readonly support: number;
  readonly at: (x: number) => number;
}

const sinc = (x: number): number => (x === 0 ? 1 : Math.sin(Math.PI * x) / (Math.PI * x));

/** Keys' cubic with a = -0.5. */
function cubic(x: number): number {
  const d = Math.abs(x);
  if (d < 1) return (1.5 * d - 2.5) * d * d + 1;
  if (d < 2) return ((-0.5 * d + 2.5) * d - 4) * d + 2;
  return 0;
}

const KERNELS: Readonly<Record<Exclude<Interpolation, "nearest">, Kernel>> = {
  box: { support: 0.5, at: (x) => (x > -0.5 && x <= 0.5 ? 1 : 0) },
  bilinear: { support: 1, at: (x) => Math.max(0, 1 - Math.abs(x)) },
  bicubic: { support: 2, at: cubic },
  lanczos: { support: 3, at: (x) => (Math.abs(x) < 3 ? sinc(x) * sinc(x / 3) : 0) },
};

/** 8 bits of a pixel and the overshoot of a kernel must fit into 32 bits beside the fraction. */
const FRACTION_BITS = 22;
const HALF = 1 << (FRACTION_BITS - 1);

/** Weights of one axis: output i reads `counts[i]` inputs from `starts[i]`, weighted by `weights[i * taps …]`. */
interface AxisWeights {
  readonly starts: Int32Array;
  readonly counts: Int32Array;
  readonly weights: Int32Array;
  readonly taps: number;
}

/** Fixed-point weights for outputs `from … from + count - 1` of an axis scaled from `size` to `scaled` pixels. */
function axisWeights(kernel: Kernel, size: number, scaled: number, from: number, count: number): AxisWeights {
  const scale = size / scaled;
  const stretch = Math.max(1, scale);
  const support = kernel.support * stretch;
  const taps = Math.ceil(support) * 2 + 1;
  const starts = new Int32Array(count);
  const counts = new Int32Array(count);
  const weights = new Int32Array(count * taps);
  const exact = new Float64Array(taps);
  for (let i = 0; i < count; i++) {
    const center = (from + i + 0.5) * scale;
    const start = Math.max(0, Math.trunc(center - support + 0.5));
    const length = Math.min(size, Math.trunc(center + support + 0.5)) - start;
    let sum = 0;
    for (let k = 0; k < length; k++) sum += exact[k] = kernel.at((start + k - center + 0.5) / stretch);
    for (let k = 0; k < length; k++) {
      const fixed = (exact[k]! / sum) * (1 << FRACTION_BITS);
      weights[i * taps + k] = Math.trunc(fixed + (fixed < 0 ? -0.5 : 0.5));
    }
    starts[i] = start;
    counts[i] = length;
  }
  return { starts, counts, weights, taps };
}

/** Rows `firstRow … firstRow + rows - 1` of an RGB picture, resampled along x. */
function alongX(
  source: Uint8Array,
  width: number,
  firstRow: number,
  rows: number,
  axis: AxisWeights,
): Uint8Array {
  const { starts, counts, weights, taps } = axis;
  const columns = starts.length;
  const out = new Uint8ClampedArray(rows * columns * 3);
  let o = 0;
  for (let y = 0; y < rows; y++) {
    const row = (firstRow + y) * width;
    for (let x = 0; x < columns; x++) {
      let r = HALF;
      let g = HALF;
      let b = HALF;
      let s = (row + starts[x]!) * 3;
      const end = x * taps + counts[x]!;
      for (let k = x * taps; k < end; k++, s += 3) {
        const weight = weights[k]!;
        r = (r + Math.imul(weight, source[s]!)) | 0;
        g = (g + Math.imul(weight, source[s + 1]!)) | 0;
        b = (b + Math.imul(weight, source[s + 2]!)) | 0;
      }
      out[o++] = r >> FRACTION_BITS;
      out[o++] = g >> FRACTION_BITS;
      out[o++] = b >> FRACTION_BITS;
    }
  }
  return new Uint8Array(out.buffer);
}

/** A picture whose rows hold `rowLength` bytes, resampled along y; `firstRow` is the row of `source`'s first byte. */
function alongY(source: Uint8Array, rowLength: number, firstRow: number, axis: AxisWeights): Uint8Array {
  const { starts, counts, weights, taps } = axis;
  const rows = starts.length;
  const out = new Uint8ClampedArray(rows * rowLength);
  const sums = new Int32Array(rowLength);
  for (let y = 0; y < rows; y++) {
    sums.fill(HALF);
    for (let k = 0; k < counts[y]!; k++) {
      const weight = weights[y * taps + k]!;
      const row = (starts[y]! - firstRow + k) * rowLength;
      for (let i = 0; i < rowLength; i++) sums[i] = sums[i]! + Math.imul(weight, source[row + i]!);
    }
    const o = y * rowLength;
    for (let i = 0; i < rowLength; i++) out[o + i] = sums[i]! >> FRACTION_BITS;
  }
  return new Uint8Array(out.buffer);
}

/** Source index of the nearest pixel for each output of an axis. */
function nearestIndices(size: number, scaled: number, from: number, count: number): Int32Array {
  const scale = size / scaled;
  return Int32Array.from({ length: count }, (_, i) =>
    Math.min(size - 1, Math.floor((from + i + 0.5) * scale)),
  );
}

function pickNearest(source: Uint8Array, width: number, height: number, window: ResampleWindow): Uint8Array {
  const columns = nearestIndices(width, window.scaledWidth, window.left, window.width);
  const rows = nearestIndices(height, window.scaledHeight, window.top, window.height);
  const out = new Uint8Array(rows.length * columns.length * 3);
  let o = 0;
  for (const row of rows) {
    for (const column of columns) {
      const s = (row * width + column) * 3;
      out[o++] = source[s]!;
      out[o++] = source[s + 1]!;
      out[o++] = source[s + 2]!;
    }
  }
  return out;
}

/**
 * Scales an RGB picture and cuts a window out of the result; only what the window needs is computed.
 *
 * `source` holds `width * height * 3` bytes; the window must lie inside the scaled picture. Returns
 * `window.width * window.height * 3` bytes, equal to Pillow's `resize` followed by `crop` for every kernel.
 */
export function resample(
  source: Uint8Array,
  width: number,
  height: number,
  window: ResampleWindow,
  interpolation: Interpolation,
): Uint8Array {
  if (window.scaledWidth === width && window.scaledHeight === height) return cropped(source, width, window);
  if (interpolation === "nearest") return pickNearest(source, width, height, window);
  const kernel = KERNELS[interpolation];
  const across = axisWeights(kernel, width, window.scaledWidth, window.left, window.width);
  const down = axisWeights(kernel, height, window.scaledHeight, window.top, window.height);
  const firstRow = down.starts[0]!;
  const last = window.height - 1;
  const rows = down.starts[last]! + down.counts[last]! - firstRow;
  const narrow = alongX(source, width, firstRow, rows, across);
  return alongY(narrow, window.width * 3, firstRow, down);
}

/** The window of a picture that keeps its size: every kernel is one at its centre and zero at its other samples then. */
function cropped(
  source: Uint8Array,
  width: number,
  { left, top, width: columns, height: rows }: ResampleWindow,
): Uint8Array {
  const out = new Uint8Array(columns * rows * 3);
  for (let y = 0; y < rows; y++) {
    const start = ((top + y) * width + left) * 3;
    out.set(source.subarray(start, start + columns * 3), y * columns * 3);
  }
  return out;
}
