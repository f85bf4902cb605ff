// Seeded random inputs for tests, drawn away from the points where an operator has no derivative.
// Generator: mulberry32 (32-bit state, period 2^32), enough for test inputs.

/** The next number in [0, 1). */
export type Random = () => number;

export function seededRandom(seed: number): Random {
  let state = seed >>> 0;
  return () => {
    state = (state + 0x6d2b79f5) >>> 0;
    let t = state;
    t = Math.imul(t ^ (t >>> 15), t | 1);
    t ^= t + Math.imul(t ^ (t >>> 7), t | 61);
    return ((t ^ (t >>> 14)) >>> 0) / 2 ** 32;
  };
}

/** Seed from a text, so that a row's inputs do not depend on the rows before it (FNV-1a). */
export function seedOf(text: string): number {
  let hash = 0x811c9dc5;
  for (let i = 0; i < text.length; i++) hash = Math.imul(hash ^ text.charCodeAt(i), 0x01000193);
  return hash >>> 0;
}

const gauss = (random: Random): number =>
  Math.sqrt(-2 * Math.log(1 - random())) * Math.cos(2 * Math.PI * random());

/** Values of an input of these dimensions. */
export type Distribution = (dims: readonly number[], random: Random) => readonly number[];

const each =
  (draw: (random: Random) => number): Distribution =>
  (dims, random) =>
    Array.from({ length: dims.reduce((n, d) => n * d, 1) }, () => draw(random));

export const normal: Distribution = each(gauss);
export const uniform = (low: number, high: number): Distribution => each((r) => low + (high - low) * r());
/** Positive and not small: for logarithms, roots and denominators. */
export const positive: Distribution = uniform(0.3, 2);
/** Either sign, at least 0.2 from zero: for operators with a kink or a pole at zero. */
export const awayFromZero: Distribution = each((r) => (r() < 0.5 ? -1 : 1) * (0.2 + 1.8 * r()));

/** Either side of several kinks, at least `gap` from each. */
export const awayFrom =
  (points: readonly number[], low: number, high: number, gap = 0.1): Distribution =>
  (dims, random) =>
    each((r) => {
      for (;;) {
        const x = low + (high - low) * r();
        if (points.every((p) => Math.abs(x - p) >= gap)) return x;
      }
    })(dims, random);

/** No two values nearer than 0.1: for maxima and sorting, whose kinks lie at ties. */
export const distinct: Distribution = (dims, random) => {
  const count = dims.reduce((n, d) => n * d, 1);
  const values = Array.from({ length: count }, (_, i) => 0.2 * (i - count / 2) + 0.05 + 0.1 * random());
  for (let i = count - 1; i > 0; i--) {
    const j = Math.floor(random() * (i + 1));
    [values[i], values[j]] = [values[j] as number, values[i] as number];
  }
  return values;
};

/** Integers from low to high - 1: for indices. */
export const integers = (low: number, high: number): Distribution =>
  each((r) => low + Math.floor(r() * (high - low)));

/** Always these values, whatever the batch: for index inputs with a meaning. */
export const fixed =
  (...values: readonly number[]): Distribution =>
  () =>
    values;
