// The separable Gaussian of pictures and fields, as SciPy's `gaussian_filter` has it: rows axis first, then columns, channels apart.
// Row by row on the kernels, so that memory stays bounded.
import type { Pixels } from "../corruption.ts";
import { addressOf, weightedSum, withKernelMemory } from "../kernels/kernels.ts";
import type { Border } from "./borders.ts";
import { fieldRows, pixelRows, type RowPlan } from "./pixel-rows.ts";
import { padding, padRow, rowWindow, windowBytes } from "./row-window.ts";

export interface GaussianOptions {
  /** In pixels, down the columns and along the rows. */
  readonly sigma: number | { readonly down: number; readonly along: number };
  /** Where the taps end, in standard deviations; 4 if not given. */
  readonly truncate?: number;
  /** `nearest` if not given. */
  readonly border?: Border;
}

/**
 * Weights exp(-i² / 2σ²), i = -r … r, r = int(truncate · σ + 0.5), divided by their sum.
 * @param sigma in pixels
 */
export function gaussianTaps(sigma: number, truncate = 4): Float64Array {
  const radius = Math.trunc(truncate * sigma + 0.5);
  const taps = Float64Array.from({ length: 2 * radius + 1 }, (_, i) =>
    Math.exp(-((i - radius) ** 2) / (2 * sigma ** 2)),
  );
  const sum = taps.reduce((a, b) => a + b);
  return taps.map((tap) => tap / sum);
}

/** A blurred RGB picture, cut off to bytes; the border is repeated. Off by at most one grey level from double precision. */
export function blurPixels(pixels: Pixels, sigma: number): Uint8Array {
  const out = new Uint8Array(pixels.data.length);
  blur(pixelRows(pixels, out), { sigma });
  return out;
}

/** A blurred field of `width * height` values. */
export function blurField(
  values: Float32Array,
  extent: Pick<Pixels, "width" | "height">,
  options: GaussianOptions,
): Float32Array {
  const out = new Float32Array(values.length);
  blur(fieldRows(values, extent, out), options);
  return out;
}

function blur(plan: RowPlan, { sigma, truncate = 4, border = "nearest" }: GaussianOptions): void {
  const { width, height, channels } = plan;
  const { down, along } = typeof sigma === "number" ? { down: sigma, along: sigma } : sigma;
  const [vertical, horizontal] = [gaussianTaps(down, truncate), gaussianTaps(along, truncate)];
  const [above, left] = [(vertical.length - 1) / 2, (horizontal.length - 1) / 2];
  const reach = { left: 0, right: 0, above, below: above, border };
  const padded = (width + 2 * left) * channels;
  const bytes = windowBytes(plan, reach) + 4 * (padded + width * channels) + plan.bytes;
  withKernelMemory(bytes + 8 * (vertical.length + horizontal.length), (memory) => {
    const rows = plan.open(memory);
    const window = rowWindow(memory, rows, reach);
    const downward = { rows: memory.addresses(vertical.length), weights: memory.floats(vertical.length) };
    const sideways = { rows: memory.addresses(horizontal.length), weights: memory.floats(horizontal.length) };
    const between = memory.floats(padded);
    const inside = between.subarray(left * channels, (left + width) * channels);
    const sums = memory.floats(width * channels);
    downward.weights.set(vertical);
    sideways.weights.set(horizontal);
    sideways.rows.set(sideways.rows.map((_, i) => addressOf(between, i * channels)));
    const pad = padding(width, left, left, border);
    for (let y = 0; y < height; y++) {
      window.moveTo(y);
      for (let i = 0; i < vertical.length; i++) downward.rows[i] = window.at(y - above + i, 0);
      weightedSum(inside, downward);
      padRow(between, pad, channels);
      weightedSum(sums, sideways);
      rows.take(sums, y);
    }
  });
}
