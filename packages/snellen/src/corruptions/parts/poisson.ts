// Poisson numbers around byte values: one table a value, since there are only 256, drawn from in constant time.
// The alias method (Walker 1977), its tables made as Vose (1991) makes them.
import type { RandomStream } from "../../random.ts";

/** Outcome k of value v has entry `(v << bits) | k`: drawn where a fraction lies below the threshold, its alias where not. */
interface AliasTables {
  readonly bits: number;
  readonly thresholds: Uint32Array;
  readonly aliases: Uint16Array;
}

/**
 * A Poisson number for each value, of mean `mean * value / 255`.
 * @param mean that of value 255, up to 500
 */
export function poissonOfBytes(random: RandomStream, values: Uint8Array, mean: number): Uint16Array {
  const { bits, thresholds, aliases } = aliasTables(mean);
  const mask = (1 << bits) - 1;
  const counts = new Uint16Array(values.length);
  for (let i = 0; i < counts.length; i++) {
    // The low bits choose an entry, the others are the fraction.
    const number = random.bits();
    const outcome = number & mask;
    const at = (values[i]! << bits) | outcome;
    counts[i] = number >>> bits < thresholds[at]! ? outcome : aliases[at]!;
  }
  return counts;
}

function aliasTables(mean: number): AliasTables {
  // Beyond eight standard deviations and a dozen there are less than 1e-12, which the last outcome takes.
  const bits = Math.ceil(Math.log2(mean + 8 * Math.sqrt(mean) + 12));
  const outcomes = 1 << bits;
  const tables = { bits, thresholds: new Uint32Array(256 << bits), aliases: new Uint16Array(256 << bits) };
  const shares = new Float64Array(outcomes);
  const worklist = new Uint16Array(outcomes);
  for (let value = 0; value < 256; value++) {
    fillShares(shares, (mean * value) / 255);
    fillAliases(tables, value << bits, shares, worklist);
  }
  return tables;
}

/** Probabilities of 0, 1, … times the number of outcomes. */
function fillShares(shares: Float64Array, mean: number): void {
  let share = Math.exp(-mean) * shares.length;
  let left = shares.length;
  for (let k = 0; k < shares.length; k++) {
    shares[k] = share;
    left -= share;
    share *= mean / (k + 1);
  }
  shares[shares.length - 1]! += Math.max(0, left);
}

/** Makes the entries of one value: each outcome short of an even share is filled up with one that has too much. Uses up `shares`. */
function fillAliases(
  { bits, thresholds, aliases }: AliasTables,
  at: number,
  shares: Float64Array,
  worklist: Uint16Array,
): void {
  const whole = 2 ** (32 - bits);
  // Small outcomes pile up from the left of the list, large ones from its right.
  let small = 0;
  let large = shares.length;
  for (let k = 0; k < shares.length; k++) worklist[shares[k]! < 1 ? small++ : --large] = k;
  while (small > 0 && large < shares.length) {
    const short = worklist[--small]!;
    const rich = worklist[large]!;
    thresholds[at + short] = Math.round(shares[short]! * whole);
    aliases[at + short] = rich;
    shares[rich] = shares[rich]! + shares[short]! - 1;
    if (shares[rich]! < 1) {
      large++;
      worklist[small++] = rich;
    }
  }
  // What is left has its even share but for rounding.
  for (let i = 0; i < small; i++) keepAll(worklist[i]!);
  for (let i = large; i < shares.length; i++) keepAll(worklist[i]!);

  function keepAll(outcome: number): void {
    thresholds[at + outcome] = Math.min(whole, 2 ** 32 - 1);
    aliases[at + outcome] = outcome;
  }
}
