// The separable Gaussian of pictures and fields, as SciPy's `gaussian_filter` has it: rows axis first, then columns, channels apart.
// Works on a window of some rows at a time, so that its memory does not grow with the picture.
import type { Pixels } from "../corruption.ts";
import { type Border, borderIndex } from "./borders.ts";
import { toByte } from "./bytes.ts";
import { correlate4, type GaussianPlan, gaussianPlan } from "./gaussian-plan.ts";

/** Coarse rows of a window, a multiple of four. */
const WINDOW = 32;

/** Rows of `width * channels` values that stand one after the other. */
interface Plane {
  readonly width: number;
  readonly height: number;
  readonly channels: number;
  readonly data: Uint8Array | Float32Array;
}

export interface GaussianOptions {
  /** In pixels, down the columns and along the rows. */
  readonly sigma: number | { readonly down: number; readonly along: number };
  /** Where the taps end, in standard deviations; 4 if not given. */
  readonly truncate?: number;
  /** `nearest` if not given. */
  readonly border?: Border;
  /** All taps at every sample, however wide; otherwise off by up to 0.002 of the amplitude from σ = 3 on. */
  readonly exact?: boolean;
}

/** A blurred RGB picture, cut off to bytes; the border is repeated. Off by at most one grey level from double precision. */
export function blurPixels({ width, height, data }: Pixels, sigma: number): Uint8Array {
  const out = new Uint8Array(data.length);
  blurRows({ width, height, channels: 3, data }, { sigma }, (row, y) => {
    for (let i = 0, at = y * row.length; i < row.length; i++, at++) out[at] = toByte(row[i]!);
  });
  return out;
}

/** A blurred field of `width * height` values. */
export function blurField(
  data: Float32Array,
  { width, height }: Pick<Pixels, "width" | "height">,
  options: GaussianOptions,
): Float32Array {
  const out = new Float32Array(data.length);
  blurRows({ width, height, channels: 1, data }, options, (row, y) => out.set(row, y * width));
  return out;
}

/** Hands over every blurred row once, from the first to the last; the array is used again afterwards. */
function blurRows(
  plane: Plane,
  { sigma, truncate = 4, border = "nearest", exact = truncate < 4 }: GaussianOptions,
  take: (row: Float64Array, y: number) => void,
): void {
  const { down, along } = typeof sigma === "number" ? { down: sigma, along: sigma } : sigma;
  const vertical = gaussianPlan(down, truncate, exact);
  const rows = rowSmoother(plane, gaussianPlan(along, truncate, exact), border);
  const length = plane.width * plane.channels;
  const { stride } = vertical;
  // a coarse row before the first and two after the last of a window serve the splines only
  const made = stride === 1 ? WINDOW : (WINDOW - 3) * stride;
  const window = rowWindow(plane, vertical, border);
  const coarse = new Float64Array(WINDOW * length);
  for (let top = 0; top < plane.height; top += made) {
    window.fill(stride === 1 ? top : top - stride);
    for (let k = 0; k < WINDOW; k += 4)
      correlate4(
        vertical,
        window.data,
        k * stride * window.step,
        window.step,
        coarse,
        k * length,
        length,
        length,
      );
    for (let y = top; y < Math.min(plane.height, top + made); y++) {
      interpolate(vertical, coarse, length, y - top, rows.input, rows.start, length);
      take(rows.smooth(), y);
    }
  }
}

/** The rows that a window's outputs are made of, the border's rows among them, in double precision. */
function rowWindow({ width, height, channels, data }: Plane, plan: GaussianPlan, border: Border) {
  const length = width * channels;
  // not a multiple of 4096 bytes: walking down a column would use a few lines of the cache only
  const step = length + (8 - (length % 8)) + 8;
  const count = WINDOW * plan.stride + plan.run * plan.stride;
  const window = new Float64Array(count * step);
  return {
    data: window,
    step,
    /** @param first the row that the first output stands on */
    fill(first: number): void {
      for (let i = 0; i < count; i++) {
        const y = borderIndex(border, first - plan.radius + i, height);
        window.set(data.subarray(y * length, (y + 1) * length), i * step);
      }
    },
  };
}

/** Smooths along one row: write it to `input` from `start` on. */
function rowSmoother({ width, channels }: Plane, plan: GaussianPlan, border: Border) {
  const { radius, stride, run } = plan;
  const length = width * channels;
  const lead = stride === 1 ? radius : radius + stride;
  const coarseCount = 4 * Math.ceil((stride === 1 ? width : Math.ceil(width / stride) + 3) / 4);
  const samples = (coarseCount + run) * stride;
  const input = new Float64Array(Math.max(samples, lead + width) * channels);
  const beyond = Int32Array.from({ length: samples }, (_, i) => borderIndex(border, i - lead, width) + lead);
  const coarse = new Float64Array(coarseCount * channels);
  const row = new Float64Array(length);
  const pad = (x: number): void => {
    for (let c = 0; c < channels; c++) input[x * channels + c] = input[beyond[x]! * channels + c]!;
  };
  return {
    input,
    start: lead * channels,
    smooth(): Float64Array {
      for (let x = 0; x < lead; x++) pad(x);
      for (let x = lead + width; x < samples; x++) pad(x);
      for (let k = 0; k < coarseCount; k += 4)
        correlate4(plan, input, k * stride * channels, channels, coarse, k * channels, channels, channels);
      if (stride === 1) return coarse.length === length ? coarse : coarse.subarray(0, length);
      for (let x = 0; x < width; x++) interpolate(plan, coarse, channels, x, row, x * channels, channels);
      return row;
    },
  };
}

/** Sample `index` of the fine grid from coarse ones, `count` values wide; coarse sample 0 stands before fine sample 0. */
function interpolate(
  { stride, spline }: GaussianPlan,
  coarse: Float64Array,
  step: number,
  index: number,
  into: Float64Array,
  to: number,
  count: number,
): void {
  if (stride === 1) {
    into.set(coarse.subarray(index * step, index * step + count), to);
    return;
  }
  const [before, here, after, second] = spline[index % stride]!;
  const from = Math.floor(index / stride) * step;
  for (let i = from; i < from + count; i++)
    into[to + i - from] =
      before * coarse[i]! +
      here * coarse[i + step]! +
      after * coarse[i + 2 * step]! +
      second * coarse[i + 3 * step]!;
}
