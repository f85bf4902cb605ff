// What a handful of images lets one say of a measure: mean with a bootstrap interval (Efron, 1979; percentile form), and whether
// two methods differ on the same images (sign-flip permutation test, Fisher 1935: no assumption on the distribution).
import { randomStream } from "../../random.ts";

export type Interval = readonly [low: number, high: number];

/** A measure's value for each image; undefined where it has none, and then no part of anything here. */
type Values = readonly (number | undefined)[];

/** The mean of one measure over images. */
export interface Summary {
  /** Images that have a value. */
  readonly count: number;
  readonly mean: number | undefined;
  /** 95 % bootstrap interval of the mean; undefined for fewer than two images. */
  readonly interval: Interval | undefined;
}

/** How far two methods are apart by one measure on the same images, and whether that is chance. */
export interface PairedDifference {
  /** Images that have both values. */
  readonly count: number;
  /** Mean of first − second. */
  readonly mean: number | undefined;
  /** 95 % bootstrap interval of that mean, images drawn in pairs. */
  readonly interval: Interval | undefined;
  /** Two-sided p-value of "the sign of a difference is chance"; 1 where nothing differs. */
  readonly p: number | undefined;
}

export interface StatisticsOptions {
  readonly seed?: number;
  readonly resamples?: number;
}

const RESAMPLES = 2000;
const COVERAGE = 0.95;
/** Up to 2^12 sign patterns are counted out, beyond that so many are drawn. */
const EXACT_PAIRS = 12;
const FLIPS = 10_000;

const isKnown = (v: number | undefined): v is number => v !== undefined;
const mean = (values: readonly number[]): number => values.reduce((sum, v) => sum + v, 0) / values.length;

/** Mean of a measure over images. */
export function summarize(values: Values, options: StatisticsOptions = {}): Summary {
  const known = values.filter(isKnown);
  return {
    count: known.length,
    mean: known.length === 0 ? undefined : mean(known),
    interval: bootstrapInterval(known, options),
  };
}

/** Percentile bootstrap interval of the mean, 95 %; undefined for fewer than two values. */
export function bootstrapInterval(
  values: readonly number[],
  { seed = 0, resamples = RESAMPLES }: StatisticsOptions = {},
): Interval | undefined {
  if (values.length < 2) return undefined;
  const random = randomStream(seed, values.length);
  const means = Float64Array.from({ length: resamples }, () => {
    let sum = 0;
    for (let i = 0; i < values.length; i++) sum += values[random.integer(0, values.length - 1)] as number;
    return sum / values.length;
  }).sort();
  return [quantile(means, (1 - COVERAGE) / 2), quantile(means, (1 + COVERAGE) / 2)];
}

/**
 * Lower end of a mean's 95 % interval, moved out for the best of several means (Bonferroni): with what chance the interval missed
 * below, all of them together do now. By the normal distribution, as no bootstrap has enough resamples so far out.
 */
export function lowOfBest(middle: number, [low]: Interval, several: number): number {
  const below = (1 - COVERAGE) / 2;
  return middle - ((middle - low) * upperNormal(below / several)) / upperNormal(below);
}

/** What a normal number exceeds with a chance below a half; to 5e-4 (Abramowitz and Stegun, 26.2.23). */
function upperNormal(chance: number): number {
  const t = Math.sqrt(-2 * Math.log(chance));
  const above = 2.515517 + t * (0.802853 + t * 0.010328);
  return t - above / (1 + t * (1.432788 + t * (0.189269 + t * 0.001308)));
}

/** Of sorted numbers, linear between neighbours (numpy's default). */
function quantile(sorted: Float64Array, share: number): number {
  const at = share * (sorted.length - 1);
  const below = Math.floor(at);
  const low = sorted[below] as number;
  return low + (at - below) * ((sorted[Math.min(below + 1, sorted.length - 1)] as number) - low);
}

/** Two methods on the same images: `first[i]` and `second[i]` belong to image i. */
export function pairedDifference(
  first: Values,
  second: Values,
  options: StatisticsOptions = {},
): PairedDifference {
  const differences = first.flatMap((a, i) => {
    const b = second[i];
    return a === undefined || b === undefined ? [] : [a - b];
  });
  const { count, mean: middle, interval } = summarize(differences, options);
  return {
    count,
    mean: middle,
    interval,
    p: count === 0 ? undefined : signFlip(differences, options.seed ?? 0),
  };
}

/** Share of sign patterns whose sum is at least as far from zero as the one seen; exact up to 12 pairs. */
function signFlip(differences: readonly number[], seed: number): number {
  const size = differences.reduce((sum, d) => sum + Math.abs(d), 0);
  // The same numbers added in another order differ in the last digits.
  const seen = Math.abs(differences.reduce((sum, d) => sum + d, 0)) - 1e-12 * size;
  const count = differences.length;
  if (count <= EXACT_PAIRS) {
    const patterns = 2 ** count;
    const extreme = Array.from({ length: patterns }, (_, pattern) => {
      const sum = differences.reduce((s, d, i) => s + ((pattern >> i) & 1 ? -d : d), 0);
      return Math.abs(sum) >= seen;
    }).filter(Boolean).length;
    return extreme / patterns;
  }
  const random = randomStream(seed, count, 1);
  let extreme = 1;
  for (let k = 0; k < FLIPS; k++) {
    let sum = 0;
    for (const d of differences) sum += random.integer(0, 1) === 1 ? d : -d;
    if (Math.abs(sum) >= seen) extreme += 1;
  }
  return extreme / (FLIPS + 1);
}
