// Sums of products of what a written-out normalization is made of: the value x, its mean, its mean square, one over its
// deviation, and constants. In whatever order a network multiplies and subtracts, the same normalization gives the same sum.
// Derived here.

/** factor · xᵃ · meanᵇ · (mean x²)ᶜ · (1/deviation)ᵈ · constants */
export interface Term {
  readonly factor: number;
  readonly x: number;
  readonly mean: number;
  readonly square: number;
  readonly inverse: number;
  /** Names of constants with several elements, sorted. */
  readonly constants: readonly string[];
}

export type Sum = readonly Term[];

/** `√(factor · (mean x² − mean², or mean x² alone) + inner) + outer`. */
export interface Deviation {
  /** Whether the mean was taken off. */
  readonly centred: boolean;
  readonly factor: number;
  readonly inner: number;
  readonly outer: number;
}

/** What a normalization says, once its value is written as a sum. */
export interface Normalized {
  readonly centred: boolean;
  /** A plain number that everything but the bias is multiplied with. */
  readonly factor: number;
  readonly scale: string | undefined;
  readonly bias: string | undefined;
}

/** Longer sums are no normalization. */
const MOST_TERMS = 8;
/** Relative; constants were rounded to float32, or to half precision. */
const TOLERANCE = 1e-3;

const PLAIN: Term = { factor: 1, x: 0, mean: 0, square: 0, inverse: 0, constants: [] };

export const theValue: Sum = [{ ...PLAIN, x: 1 }];
export const oneOverDeviation: Sum = [{ ...PLAIN, inverse: 1 }];
export const number = (factor: number): Sum => [{ ...PLAIN, factor }];
export const constant = (name: string): Sum => [{ ...PLAIN, constants: [name] }];

const keyOf = ({ x, mean, square, inverse, constants }: Term): string =>
  [x, mean, square, inverse, ...constants].join(" ");

/** Terms alike in one; undefined when too many are left. */
function collected(terms: readonly Term[]): Sum | undefined {
  const byKey = new Map<string, Term>();
  for (const term of terms) {
    const key = keyOf(term);
    const factor = (byKey.get(key)?.factor ?? 0) + term.factor;
    byKey.set(key, { ...term, factor });
  }
  const left = [...byKey.values()].filter(({ factor }) => factor !== 0);
  return left.length > MOST_TERMS ? undefined : left;
}

export const plus = (a: Sum, b: Sum): Sum | undefined => collected([...a, ...b]);
export const times = (a: Sum, b: Sum): Sum | undefined =>
  collected(a.flatMap((s) => b.map((t) => product(s, t))));
export const scaled = (a: Sum, by: number): Sum => a.map((term) => ({ ...term, factor: term.factor * by }));

const product = (a: Term, b: Term): Term => ({
  factor: a.factor * b.factor,
  x: a.x + b.x,
  mean: a.mean + b.mean,
  square: a.square + b.square,
  inverse: a.inverse + b.inverse,
  constants: [...a.constants, ...b.constants].sort(),
});

/** The plain number that a sum is; undefined for any other. */
export function numberIn(sum: Sum): number | undefined {
  if (sum.length === 0) return 0;
  const [term, more] = sum;
  return more === undefined && term !== undefined && isPlain(term) ? term.factor : undefined;
}

const isPlain = (term: Term): boolean => hasNothing(term) && term.constants.length === 0;
const hasNothing = ({ x, mean, square, inverse }: Term): boolean => x + mean + square + inverse === 0;

/** Whether a sum has x itself in it, so that it has the shape of x. */
export const holdsValue = (sum: Sum): boolean => sum.some(({ x }) => x > 0);
export const holdsConstants = (sum: Sum): boolean => sum.some(({ constants }) => constants.length > 0);

/** The mean of a sum over the axes of the statistics; undefined beyond second order. */
export function meanOf(sum: Sum): Sum | undefined {
  const terms = sum.map((term): Term | undefined => {
    const { x, mean, square, inverse, constants } = term;
    if (constants.length > 0 || inverse > 0 || x + mean + 2 * square > 2) return undefined;
    return x === 2 ? { ...term, x: 0, square: 1 } : { ...term, x: 0, mean: mean + x };
  });
  return terms.includes(undefined) ? undefined : collected(terms as Term[]);
}

/** What the root of a sum is: a deviation, when the sum is a variance or a mean square and a plain number. */
export function rootOf(sum: Sum): Deviation | undefined {
  const square = sum.find((term) => keyOf(term) === keyOf({ ...PLAIN, square: 1 }));
  const mean = sum.find((term) => keyOf(term) === keyOf({ ...PLAIN, mean: 2 }));
  const plain = sum.find(isPlain);
  const known = [square, mean, plain].filter((term) => term !== undefined).length;
  if (square === undefined || square.factor <= 0 || known !== sum.length) return undefined;
  if (mean !== undefined && !isNear(-mean.factor, square.factor)) return undefined;
  return { centred: mean !== undefined, factor: square.factor, inner: plain?.factor ?? 0, outer: 0 };
}

const isNear = (a: number, b: number): boolean => Math.abs(a - b) <= TOLERANCE * Math.abs(b);

/**
 * Case 1: factor · (x − mean)/deviation · scale + bias.
 * Case 2: factor · x/deviation · scale + bias, the deviation being a root mean square.
 * Scale and bias are at most one constant each.
 * @returns undefined for every other sum
 */
export function normalizedIn(sum: Sum, { centred }: Deviation): Normalized | undefined {
  const own = sum.find(({ x, mean, square, inverse }) => x === 1 && inverse === 1 && mean + square === 0);
  const taken = sum.find(({ x, mean, square, inverse }) => mean === 1 && inverse === 1 && x + square === 0);
  const rest = sum.filter((term) => term !== own && term !== taken);
  if (own === undefined || own.constants.length > 1 || !rest.every(hasNothing)) return undefined;
  if (centred !== (taken !== undefined)) return undefined;
  if (
    taken !== undefined &&
    (!isNear(-taken.factor, own.factor) || taken.constants.join() !== own.constants.join())
  )
    return undefined;
  const [shift, more] = rest;
  if (more !== undefined || (shift !== undefined && (shift.factor !== 1 || shift.constants.length !== 1)))
    return undefined;
  return { centred, factor: own.factor, scale: own.constants[0], bias: shift?.constants[0] };
}
