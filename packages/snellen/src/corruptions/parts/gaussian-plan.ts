// How a Gaussian is computed along one axis: its taps, and for a wide one fewer outputs with a spline between them.
// Truncation as SciPy's `gaussian_filter`; the split into a coarse Gaussian and B-splines is derived here.

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

export interface GaussianPlan {
  readonly radius: number;
  /** Only every so many-th sample is filtered, the samples between come from cubic B-splines. 1 for narrow Gaussians. */
  readonly stride: number;
  /**
   * Taps as `correlate4` reads them: those that meet every `stride`-th sample together, from sample 0, 1, … on, each run followed by
   * three zeros.
   */
  readonly taps: Float64Array;
  /** Entries of a run, zeros included. */
  readonly run: number;
  /** For samples 0, 1, … behind a coarse one: weights of the coarse ones at -1, 0, 1, 2. */
  readonly spline: readonly (readonly [number, number, number, number])[];
}

/**
 * A wide Gaussian is smooth, so that it need not be evaluated everywhere: it is the convolution of a B-spline of variance
 * (stride² - 1) / 3 with a Gaussian of the remaining variance, and what the B-spline's zeros leave of the coarse grid's
 * repeated spectrum is below 0.002 of the amplitude.
 * @param exact all taps at every sample
 */
export function gaussianPlan(sigma: number, truncate: number, exact: boolean): GaussianPlan {
  const stride = exact || sigma < 3 ? 1 : sigma < 6 ? 2 : 4;
  const taps = gaussianTaps(Math.sqrt(sigma ** 2 - (stride ** 2 - 1) / 3), truncate);
  const run = Math.ceil(taps.length / stride) + 3;
  const runs = new Float64Array(run * stride);
  for (const [i, tap] of taps.entries()) runs[(i % stride) * run + Math.floor(i / stride)] = tap;
  return { radius: (taps.length - 1) / 2, stride, taps: runs, run, spline: splineWeights(stride) };
}

/** A box of `stride` samples, convolved with itself three times: the discrete cubic B-spline, whose every `stride`-th add to 1. */
function splineWeights(stride: number): GaussianPlan["spline"] {
  const box = Array.from({ length: stride }, () => 1 / stride);
  const spline = [box, box, box].reduce(convolve, box).map((weight) => weight * stride);
  const centre = 2 * stride - 2;
  const at = (i: number): number => spline[centre + i] ?? 0;
  return box.map((_, phase) => [at(phase + stride), at(phase), at(phase - stride), at(phase - 2 * stride)]);
}

function convolve(a: readonly number[], b: readonly number[]): number[] {
  const out = new Array<number>(a.length + b.length - 1).fill(0);
  for (const [i, x] of a.entries()) for (const [j, y] of b.entries()) out[i + j] = out[i + j]! + x * y;
  return out;
}

/**
 * Four neighbouring outputs of a plan for each of `count` columns: output q of column i, at `to + q * toStep + i`, sums the taps
 * with the samples from `from + i + q * stride * step` on, `step` apart. Samples are read `stride * run * step` far.
 */
export function correlate4(
  { taps, run, stride }: GaussianPlan,
  source: Float64Array,
  from: number,
  step: number,
  into: Float64Array,
  to: number,
  toStep: number,
  count: number,
): void {
  const far = step * stride;
  for (let i = 0; i < count; i++) {
    let sum0 = 0;
    let sum1 = 0;
    let sum2 = 0;
    let sum3 = 0;
    let tap = 0;
    for (let phase = 0; phase < stride; phase++) {
      let last1 = 0;
      let last2 = 0;
      let last3 = 0;
      let at = from + i + phase * step;
      for (const end = tap + run; tap < end; tap++) {
        const value = source[at]!;
        const weight = taps[tap]!;
        sum0 += value * weight;
        sum1 += value * last1;
        sum2 += value * last2;
        sum3 += value * last3;
        last3 = last2;
        last2 = last1;
        last1 = weight;
        at += far;
      }
    }
    const out = to + i;
    into[out] = sum0;
    into[out + toStep] = sum1;
    into[out + 2 * toStep] = sum2;
    into[out + 3 * toStep] = sum3;
  }
}
