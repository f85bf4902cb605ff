// Whether one number of networks goes with another: rank correlation, and whether chance gives as much. Spearman 1904; exact
// permutations for a few networks, drawn ones for more; Fisher's z for the interval (its rank form: Bonett and Wright 2000).

import { randomStream } from "../../random.ts";
import { pearson, spearman } from "./correlation.ts";
import type { Interval } from "./statistics.ts";

export interface Relation {
  /** Networks that have both numbers. */
  readonly networks: number;
  /** Null for fewer than three networks, or where one of the two is the same everywhere; so are those below. */
  readonly pearson: number | null;
  readonly spearman: number | null;
  /** 95 %, of the rank correlation; null for fewer than four networks too. */
  readonly interval: Interval | null;
  /** Share of orders that give a rank correlation at least as far from 0. */
  readonly p: number | null;
  /** The smallest p that so many networks could have given: 2 / n! without ties. */
  readonly smallestP: number | null;
}

const FEWEST = 3;
/** Up to 7! = 5,040 orders are counted out. */
const EXACT = 7;
const ORDERS = 10_000;
const NORMAL = 1.96;

/** @param pairs both numbers of each network */
export function relation(pairs: readonly (readonly [number, number])[], seed: number): Relation {
  const networks = pairs.length;
  const [x, y] = [0, 1].map((i) => Float64Array.from(pairs, (pair) => pair[i] as number)) as [
    Float64Array,
    Float64Array,
  ];
  const rank = networks < FEWEST ? undefined : spearman(x, y);
  if (rank === undefined)
    return { networks, pearson: null, spearman: null, interval: null, p: null, smallestP: null };
  return {
    networks,
    pearson: pearson(x, y) ?? null,
    spearman: rank,
    interval: intervalOf(rank, networks),
    p: permuted(x, y, rank, seed),
    smallestP: 2 / factorial(networks),
  };
}

/** Perfect correlations of a handful of networks are no certainty: their z is taken short of infinity. */
function intervalOf(rank: number, networks: number): Interval | null {
  if (networks <= FEWEST) return null;
  const z = Math.atanh(Math.min(Math.max(rank, -0.999), 0.999));
  const half = NORMAL * Math.sqrt((1 + rank ** 2 / 2) / (networks - FEWEST));
  return [Math.tanh(z - half), Math.tanh(z + half)];
}

function permuted(x: Float64Array, y: Float64Array, rank: number, seed: number): number {
  // the same ranks in another order differ in the last digits
  const far = (order: readonly number[]): boolean =>
    Math.abs(
      spearman(
        x,
        Float64Array.from(order, (i) => y[i] as number),
      ) ?? 0,
    ) >=
    Math.abs(rank) - 1e-9;
  if (x.length <= EXACT) {
    const all = orders(x.length);
    return all.filter(far).length / all.length;
  }
  const random = randomStream(seed, x.length);
  const drawn = Array.from({ length: ORDERS }, () => random.permutation(x.length)).filter(far).length;
  return (drawn + 1) / (ORDERS + 1);
}

const factorial = (n: number): number => (n <= 1 ? 1 : n * factorial(n - 1));

/** All orders of 0 … n−1. */
function orders(n: number): number[][] {
  if (n === 0) return [[]];
  return orders(n - 1).flatMap((order) =>
    Array.from({ length: n }, (_, at) => [...order.slice(0, at), n - 1, ...order.slice(at)]),
  );
}
