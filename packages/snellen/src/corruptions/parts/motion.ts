// Motion blur along a line: each output is a sum of inputs that lie ahead of it, weighted by one half of a Gaussian.
// ImageNet-C as the `imagecorruptions` package has it: shifts of whole pixels, edges repeated, one-sided.
import { addRows, weightedRows } from "./weighted-rows.ts";

/** One input of every output: what lies at (x − dx, y − dy), times a weight. */
export interface MotionTap {
  readonly dx: number;
  readonly dy: number;
  readonly weight: number;
}

export interface Streak {
  /** The streak's length in pixels is twice this, and one. */
  readonly radius: number;
  /** Standard deviation of the Gaussian, in pixels. */
  readonly sigma: number;
}

export interface Extent {
  readonly width: number;
  readonly height: number;
}

/**
 * Taps of a streak, those of equal shift as one. Where it would reach beyond the whole picture it ends, and what is left of its
 * weight is lost: such a picture gets darker.
 * @param degrees 0 reads what lies to the right, 90 what lies below
 */
export function motionTaps(
  { radius, sigma }: Streak,
  degrees: number,
  { width, height }: Extent,
): readonly MotionTap[] {
  const length = 2 * radius + 1;
  const weights = Float64Array.from({ length }, (_, i) => Math.exp(-(i ** 2) / (2 * sigma ** 2)));
  const sum = weights.reduce((a, b) => a + b);
  const angle = (degrees * Math.PI) / 180;
  const [down, right] = [length * Math.sin(angle), length * Math.cos(angle)];
  const norm = Math.hypot(down, right);
  const taps: MotionTap[] = [];
  for (const [i, weight] of weights.entries()) {
    const dy = -Math.ceil((i * down) / norm - 0.5);
    const dx = -Math.ceil((i * right) / norm - 0.5);
    if (Math.abs(dy) >= height || Math.abs(dx) >= width) break;
    const last = taps.at(-1);
    const isSame = last?.dx === dx && last.dy === dy;
    if (isSame) taps.pop();
    taps.push({ dx, dy, weight: weight / sum + (isSame ? last.weight : 0) });
  }
  return taps;
}

/** What is blurred and where it goes, row by row: few rows are held at a time, whatever the picture's size. */
export interface RowPipe extends Extent {
  /** Values of a pixel that stand side by side. */
  readonly channels: number;
  /** Writes row `y`, `width * channels` values, into `row` from `at` on. */
  read(y: number, row: Float64Array, at: number): void;
  /** Takes row `y` of the result; the array is used again. */
  write(y: number, row: Float64Array): void;
}

export function motionBlur(pipe: RowPipe, taps: readonly MotionTap[]): void {
  const { width, height, channels } = pipe;
  const extremes = (shifts: readonly number[]) => [Math.max(0, ...shifts), -Math.min(0, ...shifts)] as const;
  const [left, right] = extremes(taps.map(({ dx }) => dx));
  const [above, below] = extremes(taps.map(({ dy }) => dy));
  const rowLength = (left + width + right) * channels;
  const held = above + 1 + below;
  const ring = new Float64Array(held * rowLength);
  const rows = weightedRows(ring, taps.length);
  for (const [i, { weight }] of taps.entries()) rows.weights[i] = weight;
  const sums = new Float64Array(width * channels);
  let next = 0;
  for (let y = 0; y < height; y++) {
    for (; next <= Math.min(height - 1, y + below); next++) {
      const at = (next % held) * rowLength;
      pipe.read(next, ring, at + left * channels);
      repeatEdges(ring.subarray(at, at + rowLength), left, right, channels);
    }
    for (const [i, { dx, dy }] of taps.entries()) {
      const row = Math.min(height - 1, Math.max(0, y - dy));
      rows.offsets[i] = (row % held) * rowLength + (left - dx) * channels;
    }
    addRows(sums.fill(0), rows);
    pipe.write(y, sums);
  }
}

/** Fills what lies left and right of a row's pixels with its first and its last. */
function repeatEdges(row: Float64Array, left: number, right: number, channels: number): void {
  for (let i = left * channels - 1; i >= 0; i--) row[i] = row[i + channels]!;
  for (let i = row.length - right * channels; i < row.length; i++) row[i] = row[i - channels]!;
}
