// Figures over images with 95 % intervals: means, ratios of means, and their differences. Images are what is drawn; all conditions of
// an image belong together, so that two models on the same images are paired.
//
// Not by resampling: each of these figures is a smooth function of means over images, for which the bootstrap's variance is, up
// to what its own draws add, the mean square of the images' influences (infinitesimal jackknife, Jaeckel 1972; Efron 1982). That
// takes one pass over 50,000 images and no seed. Tests hold it against SciPy's bootstrap and count how often it covers the truth.

/** A figure over images with its interval. */
export interface Estimate {
  /** Null where there is nothing to estimate it from. */
  readonly value: number | null;
  /** 95 % interval; null where the images do not tell it. */
  readonly low: number | null;
  readonly high: number | null;
  /** Images that it stands on. */
  readonly n: number;
}

/** Nothing to be told from so many images. */
export const noEstimate = (n: number): Estimate => ({ value: null, low: null, high: null, n });

/** Something of an image, by its index. */
export type PerImage = (image: number) => number;

/** A figure, and how it moves with each image: the derivative by the image's weight, times the number of images; mean zero. */
export interface Influenced {
  readonly value: number;
  readonly influence: Float64Array;
  /** False where a ratio's bottom may well be near zero, so that no interval holds. */
  readonly isSteady: boolean;
}

/** Below that, Student's t means little for values that take a few levels; no interval is given. */
export const LEAST_IMAGES = 10;

/** 95 % interval of a proportion. Wilson, JASA 22, 1927. */
export function wilson(successes: number, n: number): [low: number, high: number] {
  const z = 1.959964;
  const p = successes / n;
  const scale = 1 + (z * z) / n;
  const centre = p + (z * z) / (2 * n);
  const spread = z * Math.sqrt((p * (1 - p)) / n + (z * z) / (4 * n * n));
  return [Math.max(0, (centre - spread) / scale), Math.min(1, (centre + spread) / scale)];
}

/**
 * Mean of what lies between 0 and 1 an image. Wilson's interval for as many independent yes-or-no outcomes as would have the
 * variance that was seen (Korn & Graubard 1998): Wilson's own where all values are 0 or 1, and never empty, as it is at 0 and 1
 * for the intervals that go by the variance alone.
 */
export function shareEstimate(images: Int32Array, share: PerImage): Estimate {
  const n = images.length;
  if (n === 0) return noEstimate(0);
  let [sum, squares] = [0, 0];
  for (const image of images) {
    const value = share(image);
    sum += value;
    squares += value * value;
  }
  const mean = Math.min(1, sum / n);
  const variance = squares / n - mean * mean;
  const isSpread = variance > 1e-12;
  const effective = isSpread ? (n * mean * (1 - mean)) / variance : n;
  const [low, high] = wilson(mean * effective, effective);
  return { value: mean, low, high, n };
}

/** The same in other units, or turned round: `1 − accuracy` is the error. */
export function mapEstimate({ value, low, high, n }: Estimate, map: (value: number) => number): Estimate {
  if (value === null || low === null || high === null)
    return { value: value === null ? null : map(value), low, high, n };
  const ends = [map(low), map(high)];
  return { value: map(value), low: Math.min(...ends), high: Math.max(...ends), n };
}

/**
 * A figure with its interval by Student's t on the images' influences, as far as the figure's bounds. Images that are all alike have
 * no spread to go by; then three of them stand for those that may be otherwise and did not show up (the rule of three: Hanley &
 * Lippman-Hand, JAMA 249, 1983), each as far from the others as the bounds are. No interval where images are fewer than
 * `LEAST_IMAGES`, or a bottom is not steady, or all are alike and nothing bounds what others could be.
 * @param least what the figure cannot be below, for one image nor for all
 * @param most what it cannot be above
 */
export function estimateOf(
  { value, influence, isSteady }: Influenced,
  least = Number.NEGATIVE_INFINITY,
  most = Number.POSITIVE_INFINITY,
): Estimate {
  const n = influence.length;
  const half = student(n - 1) * standardError(influence);
  const isAlike = half < 1e-12;
  const isOpen = least === Number.NEGATIVE_INFINITY || most === Number.POSITIVE_INFINITY;
  if (n < LEAST_IMAGES || !isSteady || (isAlike && isOpen)) return { value, low: null, high: null, n };
  const [below, above] = isAlike ? [(3 * (value - least)) / n, (3 * (most - value)) / n] : [half, half];
  return { value, low: Math.max(least, value - below), high: Math.min(most, value + above), n };
}

/** A mean over images with its interval. @param least what it cannot be below @param most what it cannot be above */
export function meanEstimate(images: Int32Array, of: PerImage, least?: number, most?: number): Estimate {
  const mean = meanRatio(images, [{ top: of, bottom: 1 }]);
  return mean === undefined ? noEstimate(images.length) : estimateOf(mean, least, most);
}

/** Of a mean, from the numbers' distances from it. */
function standardError(distances: Float64Array): number {
  const n = distances.length;
  return Math.sqrt(distances.reduce((sum, v) => sum + v * v, 0) / (n - 1) / n);
}

/** A ratio of two means over images; a bottom that is one number is known without error. */
export interface Ratio {
  readonly top: PerImage;
  readonly bottom: PerImage | number;
}

/** Standard errors that a ratio's bottom must lie above zero; below, the ratio could be anything (Fieller 1954). */
const STEADY = 2;

/**
 * Mean of several ratios of means, as CE (one) and mCE (fifteen) are.
 * @returns undefined without images or ratios, or where a bottom is not above zero
 */
export function meanRatio(images: Int32Array, ratios: readonly Ratio[]): Influenced | undefined {
  const n = images.length;
  if (n === 0 || ratios.length === 0) return undefined;
  const influence = new Float64Array(n);
  const below = new Float64Array(n);
  let [value, isSteady] = [0, true];
  for (const { top, bottom } of ratios) {
    const bottomOf = typeof bottom === "number" ? () => bottom : bottom;
    const [a, b] = [meanOf(images, top), meanOf(images, bottomOf)];
    if (b <= 1e-12) return undefined;
    value += a / b;
    for (let i = 0; i < n; i++) {
      const image = images[i] as number;
      below[i] = bottomOf(image) - b;
      (influence[i] as number) += (top(image) - a - (a / b) * (below[i] as number)) / b;
    }
    isSteady &&= !(b < STEADY * standardError(below));
  }
  const share = 1 / ratios.length;
  return { value: value * share, influence: influence.map((v) => v * share), isSteady };
}

/** First − second, of the same images. */
export const differenceOf = (first: Influenced, second: Influenced): Influenced => ({
  value: first.value - second.value,
  influence: first.influence.map((v, i) => v - (second.influence[i] as number)),
  isSteady: first.isSteady && second.isSteady,
});

export function meanOf(images: Int32Array, of: PerImage): number {
  let sum = 0;
  for (const image of images) sum += of(image);
  return sum / images.length;
}

/** Student's t at 97.5 % for nine degrees of freedom or more, to 1e-4 (Cornish & Fisher 1937; Abramowitz and Stegun, 26.7.5). */
function student(freedom: number): number {
  const z = 1.959964;
  const z3 = z ** 3;
  const [z5, z7] = [z ** 5, z ** 7];
  const terms = [(z3 + z) / 4, (5 * z5 + 16 * z3 + 3 * z) / 96, (3 * z7 + 19 * z5 + 17 * z3 - 15 * z) / 384];
  return terms.reduce((sum, term, k) => sum + term / freedom ** (k + 1), z);
}
