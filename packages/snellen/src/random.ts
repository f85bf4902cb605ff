// Seeded random draws: one independent stream per (seed, key…), the same on every platform.
// Generator: xoroshiro128+ (Blackman & Vigna 2018), its state mixed from the key by MurmurHash3's finalizer.

import { uniformFloat32 } from "pure-rand/distribution/uniformFloat32";
import { uniformInt } from "pure-rand/distribution/uniformInt";
import { xoroshiro128plusFromState } from "pure-rand/generator/xoroshiro128plus";
import { fillNormals } from "./ziggurat.ts";

/** A stream of draws; every call advances it. */
export interface RandomStream {
  /** A real number in [from, to). */
  uniform(from: number, to: number): number;
  /** An integer in [from, to], both ends included. */
  integer(from: number, to: number): number;
  /** 32 random bits, as a signed integer. */
  bits(): number;
  /** Independent uniform numbers in [0, 1), with 24 random bits each. */
  uniforms(count: number): Float32Array;
  /** Independent standard normal numbers. */
  normals(count: number): Float32Array;
  /** Two independent draws of symmetric triangular noise in [-1, 1] (variance about 1/6), into `into[0]`, `into[1]`. */
  trianglePair(into: Float32Array): void;
  /** One of the items, each equally likely. */
  pick<T>(items: readonly T[]): T;
  /** The numbers 0 … n-1 in random order. */
  permutation(n: number): number[];
}

/**
 * The stream that belongs to a key of 32-bit integers, such as (seed, index). Streams of different keys are independent for
 * the purposes of rendering and resampling; equal keys give equal draws.
 */
export function randomStream(...key: readonly number[]): RandomStream {
  const rng = xoroshiro128plusFromState([1, 2, 3, 4].map((word) => mixKey(key, word)));
  const integer = (from: number, to: number) => uniformInt(rng, from, to);
  return {
    uniform: (from, to) => from + (to - from) * uniformFloat32(rng),
    integer,
    bits: () => rng.next(),
    uniforms(count) {
      const values = new Float32Array(count);
      for (let i = 0; i < count; i++) values[i] = (rng.next() >>> 8) * 2 ** -24;
      return values;
    },
    normals(count) {
      const values = new Float32Array(count);
      fillNormals(values, () => rng.next());
      return values;
    },
    trianglePair(into) {
      // Sums of two bytes: no logarithm or cosine, whose last digit may differ by platform.
      const bits = rng.next();
      into[0] = ((bits & 255) + ((bits >>> 8) & 255) - 255) / 255;
      into[1] = (((bits >>> 16) & 255) + (bits >>> 24) - 255) / 255;
    },
    pick: (items) => items[integer(0, items.length - 1)]!,
    permutation(n) {
      const order = Array.from({ length: n }, (_, i) => i);
      for (let i = n - 1; i > 0; i--) {
        const j = integer(0, i);
        [order[i], order[j]] = [order[j]!, order[i]!];
      }
      return order;
    },
  };
}

/** `count` independent standard normal numbers; equal keys, equal numbers. */
export const gaussians = (count: number, ...key: readonly number[]): Float32Array =>
  randomStream(...key).normals(count);

// xoroshiro's first outputs follow its state closely, so that nearby seeds need well mixed states.
function mixKey(key: readonly number[], word: number): number {
  let hash = Math.imul(word, 0x9e3779b9);
  for (const part of key) hash = finalize(hash ^ finalize(part + 0x7f4a7c15));
  return finalize(hash + word) | 0;
}

function finalize(value: number): number {
  let h = value | 0;
  h = Math.imul(h ^ (h >>> 16), 0x85ebca6b);
  h = Math.imul(h ^ (h >>> 13), 0xc2b2ae35);
  return h ^ (h >>> 16);
}
