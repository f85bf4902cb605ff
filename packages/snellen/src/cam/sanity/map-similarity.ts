// How alike two maps are: Spearman's rank correlation and the structural similarity, as Adebayo et al. (arXiv:1810.03292) compare
// them. SSIM: Wang, Bovik, Sheikh, Simoncelli, IEEE Transactions on Image Processing 13, 2004, equation 13, Gaussian window.
import { UsageError } from "@snellen/graph";
import type { Grid } from "../cam-map.ts";
import { spearman } from "../measures/correlation.ts";

export interface Similarity {
  /** Spearman's, of the values with their signs; −1 to 1; undefined where a map is the same everywhere. */
  readonly rankCorrelation: number | undefined;
  /** Of both maps stretched to 0..1; −1 to 1, 1 for maps that differ by scale and offset only. */
  readonly ssim: number;
}

const SIGMA = 1.5;
const RADIUS = 5;
/** Wang's constants for values of 0 to 1. */
const C1 = 0.01 ** 2;
const C2 = 0.03 ** 2;

/** @throws UsageError `different-map-sizes` */
export function similarity(a: Grid, b: Grid): Similarity {
  if (a.dims[0] !== b.dims[0] || a.dims[1] !== b.dims[1])
    throw new UsageError(
      "different-map-sizes",
      `maps of ${a.dims.join("x")} and ${b.dims.join("x")} cannot be compared.`,
      { hint: "Compare maps of one network and upsampling." },
    );
  return { rankCorrelation: spearman(a.values, b.values), ssim: ssim(stretched(a), stretched(b), a.dims) };
}

/** To 0..1; zeros where the map is the same everywhere. */
function stretched({ values }: Grid): Float64Array {
  const low = values.reduce((m, v) => Math.min(m, v), Number.POSITIVE_INFINITY);
  const high = values.reduce((m, v) => Math.max(m, v), Number.NEGATIVE_INFINITY);
  return Float64Array.from(values, (v) => (high > low ? (v - low) / (high - low) : 0));
}

/** Mean over the windows that lie inside; the window of 11 × 11 shrinks for maps that are smaller. */
function ssim(a: Float64Array, b: Float64Array, dims: Grid["dims"]): number {
  const kernels = dims.map(kernelOf) as [Float64Array, Float64Array];
  const local = (value: (i: number) => number) =>
    windowMeans(
      Float64Array.from(a, (_, i) => value(i)),
      dims,
      kernels,
    );
  const at = (values: Float64Array, i: number) => values[i] as number;
  const [meanA, meanB] = [local((i) => at(a, i)), local((i) => at(b, i))];
  const [aa, bb] = [local((i) => at(a, i) ** 2), local((i) => at(b, i) ** 2)];
  const ab = local((i) => at(a, i) * at(b, i));
  let sum = 0;
  for (let i = 0; i < ab.length; i++) {
    const [ma, mb] = [at(meanA, i), at(meanB, i)];
    const [va, vb, cov] = [at(aa, i) - ma * ma, at(bb, i) - mb * mb, at(ab, i) - ma * mb];
    sum += ((2 * ma * mb + C1) * (2 * cov + C2)) / ((ma * ma + mb * mb + C1) * (va + vb + C2));
  }
  return sum / ab.length;
}

/** Gaussian weights that sum to one, of odd length, at most `side`. */
function kernelOf(side: number): Float64Array {
  const radius = Math.min(RADIUS, Math.floor((side - 1) / 2));
  const weights = Float64Array.from({ length: 2 * radius + 1 }, (_, i) =>
    Math.exp(-0.5 * ((i - radius) / SIGMA) ** 2),
  );
  const sum = weights.reduce((s, w) => s + w, 0);
  return weights.map((w) => w / sum);
}

/** Weighted means of all windows inside, row-major. */
function windowMeans(
  values: Float64Array,
  [height, width]: Grid["dims"],
  [down, across]: readonly [Float64Array, Float64Array],
): Float64Array {
  const columns = width - across.length + 1;
  const rows = height - down.length + 1;
  const smoothed = new Float64Array(height * columns);
  for (let y = 0; y < height; y++)
    for (let x = 0; x < columns; x++) smoothed[y * columns + x] = weighted(values, y * width + x, 1, across);
  const out = new Float64Array(rows * columns);
  for (let i = 0; i < out.length; i++) out[i] = weighted(smoothed, i, columns, down);
  return out;
}

function weighted(values: Float64Array, first: number, stride: number, weights: Float64Array): number {
  let sum = 0;
  for (let k = 0; k < weights.length; k++)
    sum += (weights[k] as number) * (values[first + k * stride] as number);
  return sum;
}
