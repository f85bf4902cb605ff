// A window of an enlarged picture, bicubic as OpenCV interpolates: Keys' kernel (1981) with a = -0.75, pixels' middles aligned.
// `images/resample.ts` is Pillow's, whose a is -0.5; a picture is read once here, and only what the window needs of it.
import type { ResampleWindow } from "../../images/resample.ts";
import type { Pixels } from "../corruption.ts";
import { addressOf, weightedSum, withKernelMemory } from "../kernels/kernels.ts";

const TAPS = 4;

/** @param window of the picture enlarged, not below its own size. Beyond the borders their last pixels are repeated. */
export function bicubicCrop({ width, height, data }: Pixels, window: ResampleWindow): Pixels {
  const across = cubicAxis(width / window.scaledWidth, window.left, window.width);
  const down = cubicAxis(height / window.scaledHeight, window.top, window.height);
  const rowLength = 3 * window.width;
  const source = new Float32Array(3 * (width + 2 * MARGIN));
  const out = new Uint8ClampedArray(window.height * rowLength);
  withKernelMemory(4 * (TAPS + 1) * rowLength, (memory) => {
    const ring = memory.floats(TAPS * rowLength);
    const sums = memory.floats(rowLength);
    const weighted = { rows: memory.addresses(TAPS), weights: memory.floats(TAPS) };
    let next = Math.max(0, down.starts[0]!);
    for (let y = 0; y < window.height; y++) {
      const start = down.starts[y]!;
      for (; next <= Math.min(height - 1, start + TAPS - 1); next++) {
        widen(data, next * 3 * width, source);
        const at = (next % TAPS) * rowLength;
        enlargeRow(source, across, ring.subarray(at, at + rowLength));
      }
      for (let tap = 0; tap < TAPS; tap++) {
        const row = Math.min(height - 1, Math.max(0, start + tap));
        weighted.rows[tap] = addressOf(ring, (row % TAPS) * rowLength);
        weighted.weights[tap] = down.weights[TAPS * y + tap]!;
      }
      weightedSum(sums, weighted);
      out.set(sums, y * rowLength);
    }
  });
  return { width: window.width, height: window.height, data: new Uint8Array(out.buffer) };
}

/** Output i is the sum of four samples from `starts[i]` on, which may lie outside by two. */
interface CubicAxis {
  readonly starts: Int32Array;
  readonly weights: Float64Array;
}

const A = -0.75;
/** For samples at a distance below 1, and for those between 1 and 2. */
const near = (d: number): number => ((A + 2) * d - (A + 3)) * d * d + 1;
const far = (d: number): number => ((A * d - 5 * A) * d + 8 * A) * d - 4 * A;

function cubicAxis(scale: number, from: number, count: number): CubicAxis {
  const starts = new Int32Array(count);
  const weights = new Float64Array(TAPS * count);
  for (let i = 0; i < count; i++) {
    const position = (from + i + 0.5) * scale - 0.5;
    const floor = Math.floor(position);
    const beyond = position - floor;
    starts[i] = floor - 1;
    weights.set([far(1 + beyond), near(beyond), near(1 - beyond), far(2 - beyond)], TAPS * i);
  }
  return { starts, weights };
}

/** Pixels that are repeated on each side of a row. */
const MARGIN = 2;

/** A row of pixels from `start` on, with its margins. */
function widen(data: Uint8Array, start: number, row: Float32Array): void {
  const margin = 3 * MARGIN;
  const end = row.length - margin;
  for (let i = margin; i < end; i++) row[i] = data[start + i - margin]!;
  for (let i = margin - 1; i >= 0; i--) row[i] = row[i + 3]!;
  for (let i = end; i < row.length; i++) row[i] = row[i - 3]!;
}

function enlargeRow(row: Float32Array, { starts, weights }: CubicAxis, into: Float32Array): void {
  for (let x = 0, o = 0, w = 0; o < into.length; x++, o += 3, w += TAPS) {
    const i = 3 * (starts[x]! + MARGIN);
    const a = weights[w]!;
    const b = weights[w + 1]!;
    const c = weights[w + 2]!;
    const d = weights[w + 3]!;
    into[o] = a * row[i]! + b * row[i + 3]! + c * row[i + 6]! + d * row[i + 9]!;
    into[o + 1] = a * row[i + 1]! + b * row[i + 4]! + c * row[i + 7]! + d * row[i + 10]!;
    into[o + 2] = a * row[i + 2]! + b * row[i + 5]! + c * row[i + 8]! + d * row[i + 11]!;
  }
}
