// JPEG's loss: every 8 × 8 block through the discrete cosine transform, rounded to the steps of a table, and back. Integer transform
// of Loeffler, Ligtenberg & Moschytz (1989) with the 13 binary places that libjpeg has; identical to it, zeros skipped.
import { clamp, ZERO } from "./clamp.ts";
import type { Plane } from "./planes.ts";

// 8192 times √2 · cos(kπ/16) and sums of these, as the paper's flow graph has them
const A = 4433;
const B = 6270;
const C = 15137;
const D = 9633;
const E = 2446;
const F = 16819;
const G = 25172;
const H = 12299;
const I = 7373;
const J = 20995;
const K = 16069;
const L = 3196;

// What the passes work on stands here and is not handed on, so that the compiler knows where it is: a fifth faster.
const work = new Int32Array(64);
const steps = new Int32Array(64);
const limits = new Int32Array(8);

/** Rounds the coefficients of all blocks to multiples of the table's steps, in place. */
export function quantiseBlocks({ width, height, data }: Plane, table: Int32Array): void {
  steps.set(table);
  limits.set(columnLimits(table));
  for (let y = 0; y < height; y += 8) {
    for (let x = 0; x < width; x += 8) {
      const at = y * width + x;
      forwardRows(data, at, width);
      const kept = quantiseColumns();
      if (kept < 2) writeFlatRows(data, at, width);
      else if (kept < 16) inverseShortRows(data, at, width);
      else inverseRows(data, at, width);
    }
  }
}

/** All that is done down the columns, there and back; bit u says that something is left in column u. */
function quantiseColumns(): number {
  let kept = 0;
  for (let u = 0; u < 8; u++) {
    if (!forwardColumn(u, limits[u]!)) continue;
    const others = roundColumn(u);
    if (others !== 0) inverseColumn(u);
    else fillColumn(u, work[u]! << 2);
    if (others !== 0 || work[u] !== 0) kept |= 1 << u;
  }
  // what is read later: the first column always, the other half only if anything is left in it
  const read = kept < 16 ? (kept < 2 ? 1 : 4) : 8;
  for (let u = 0; u < read; u++) if (!((kept >> u) & 1)) fillColumn(u, 0);
  return kept;
}

/** By row of coefficients: the most that one value of the first pass counts in the second, √2 · |cos(kπ/16)| / 4, rounded up. */
const LARGEST = [0.251, 0.348, 0.328, 0.348, 0.251, 0.348, 0.328, 0.348];

/**
 * By column: if the absolute values of the first pass add to less, all of its coefficients round to zero, for they are below half a
 * step (four steps: they are eight times too large), by two for the roundings on the way.
 */
const columnLimits = (table: Int32Array): Int32Array =>
  Int32Array.from({ length: 8 }, (_, u) =>
    Math.floor(Math.min(...LARGEST.map((most, v) => (4 * table[8 * v + u]! - 2) / most))),
  );

/** First pass: along the rows, with two binary places more than the samples. */
function forwardRows(data: Uint8Array, from: number, width: number): void {
  for (let row = 0, at = from; row < 64; row += 8, at += width) {
    const x0 = data[at]!;
    const x1 = data[at + 1]!;
    const x2 = data[at + 2]!;
    const x3 = data[at + 3]!;
    const x4 = data[at + 4]!;
    const x5 = data[at + 5]!;
    const x6 = data[at + 6]!;
    const x7 = data[at + 7]!;
    const even0 = x0 + x7 + x3 + x4;
    const even1 = x1 + x6 + x2 + x5;
    const even2 = x1 + x6 - x2 - x5;
    const even3 = x0 + x7 - x3 - x4;
    work[row] = (even0 + even1 - 1024) << 2;
    work[row + 4] = (even0 - even1) << 2;
    const z = Math.imul(A, even2 + even3) + 1024;
    work[row + 2] = (z + Math.imul(B, even3)) >> 11;
    work[row + 6] = (z - Math.imul(C, even2)) >> 11;
    const t0 = x3 - x4;
    const t1 = x2 - x5;
    const t2 = x1 - x6;
    const t3 = x0 - x7;
    const z5 = Math.imul(D, t0 + t1 + t2 + t3) + 1024;
    const z1 = Math.imul(-I, t0 + t3);
    const z2 = Math.imul(-J, t1 + t2);
    const z3 = z5 - Math.imul(K, t0 + t2);
    const z4 = z5 - Math.imul(L, t1 + t3);
    work[row + 7] = (Math.imul(E, t0) + z1 + z3) >> 11;
    work[row + 5] = (Math.imul(F, t1) + z2 + z4) >> 11;
    work[row + 3] = (Math.imul(G, t2) + z2 + z3) >> 11;
    work[row + 1] = (Math.imul(H, t3) + z1 + z4) >> 11;
  }
}

/** Second pass of the transform, down a column, where any coefficient of it can survive the rounding; whether it was needed. */
function forwardColumn(u: number, limit: number): boolean {
  const x0 = work[u]!;
  const x1 = work[u + 8]!;
  const x2 = work[u + 16]!;
  const x3 = work[u + 24]!;
  const x4 = work[u + 32]!;
  const x5 = work[u + 40]!;
  const x6 = work[u + 48]!;
  const x7 = work[u + 56]!;
  const sumUpper = Math.abs(x0) + Math.abs(x1) + Math.abs(x2) + Math.abs(x3);
  const sumLower = Math.abs(x4) + Math.abs(x5) + Math.abs(x6) + Math.abs(x7);
  if (sumUpper + sumLower < limit) return false;
  const even0 = x0 + x7 + x3 + x4;
  const even1 = x1 + x6 + x2 + x5;
  const even2 = x1 + x6 - x2 - x5;
  const even3 = x0 + x7 - x3 - x4;
  const z = Math.imul(A, even2 + even3) + 16384;
  const t0 = x3 - x4;
  const t1 = x2 - x5;
  const t2 = x1 - x6;
  const t3 = x0 - x7;
  const z5 = Math.imul(D, t0 + t1 + t2 + t3) + 16384;
  const z1 = Math.imul(-I, t0 + t3);
  const z2 = Math.imul(-J, t1 + t2);
  const z3 = z5 - Math.imul(K, t0 + t2);
  const z4 = z5 - Math.imul(L, t1 + t3);
  work[u] = (even0 + even1 + 2) >> 2;
  work[u + 8] = (Math.imul(H, t3) + z1 + z4) >> 15;
  work[u + 16] = (z + Math.imul(B, even3)) >> 15;
  work[u + 24] = (Math.imul(G, t2) + z2 + z3) >> 15;
  work[u + 32] = (even0 - even1 + 2) >> 2;
  work[u + 40] = (Math.imul(F, t1) + z2 + z4) >> 15;
  work[u + 48] = (z - Math.imul(C, even2)) >> 15;
  work[u + 56] = (Math.imul(E, t0) + z1 + z3) >> 15;
  return true;
}

/**
 * Coefficients of a column (eight times too large) at the nearest multiples of their steps, halves away from zero; all but the
 * first, or-ed.
 */
function roundColumn(u: number): number {
  let any = 0;
  for (let i = u; i < 64; i += 8) {
    const coefficient = work[i]!;
    const half = steps[i]! << 2;
    if (coefficient < half && coefficient > -half) {
      work[i] = 0;
      continue;
    }
    const level = ((Math.abs(coefficient) + half) / (half << 1)) | 0;
    work[i] = Math.imul(coefficient < 0 ? -level : level, steps[i]!);
    if (i > u) any |= level;
  }
  return any;
}

function fillColumn(u: number, value: number): void {
  for (let i = u; i < 64; i += 8) work[i] = value;
}

/** First pass back, down a column, to two binary places more. */
function inverseColumn(u: number): void {
  const c0 = work[u]!;
  const c1 = work[u + 8]!;
  const c2 = work[u + 16]!;
  const c3 = work[u + 24]!;
  const c4 = work[u + 32]!;
  const c5 = work[u + 40]!;
  const c6 = work[u + 48]!;
  const c7 = work[u + 56]!;
  const z = Math.imul(A, c2 + c6);
  const inner = z - Math.imul(C, c6);
  const outer = z + Math.imul(B, c2);
  const plus = ((c0 + c4) << 13) + 1024;
  const minus = ((c0 - c4) << 13) + 1024;
  const z5 = Math.imul(D, c7 + c5 + c3 + c1);
  const z1 = Math.imul(-I, c7 + c1);
  const z2 = Math.imul(-J, c5 + c3);
  const z3 = z5 - Math.imul(K, c7 + c3);
  const z4 = z5 - Math.imul(L, c5 + c1);
  const odd3 = Math.imul(E, c7) + z1 + z3;
  const odd2 = Math.imul(F, c5) + z2 + z4;
  const odd1 = Math.imul(G, c3) + z2 + z3;
  const odd0 = Math.imul(H, c1) + z1 + z4;
  work[u] = (plus + outer + odd0) >> 11;
  work[u + 8] = (minus + inner + odd1) >> 11;
  work[u + 16] = (minus - inner + odd2) >> 11;
  work[u + 24] = (plus - outer + odd3) >> 11;
  work[u + 32] = (plus - outer - odd3) >> 11;
  work[u + 40] = (minus - inner - odd2) >> 11;
  work[u + 48] = (minus + inner - odd1) >> 11;
  work[u + 56] = (plus + outer - odd0) >> 11;
}

/** Where the table has 128, and a half of the last place, in the 18 binary places of the last pass. */
const LEVEL = ((ZERO + 128) << 18) + (1 << 17);

/** Last pass back where all columns but the first are zero. */
function writeFlatRows(data: Uint8Array, from: number, width: number): void {
  for (let row = 0, at = from; row < 64; row += 8, at += width) {
    const value = clamp[((work[row]! << 13) + LEVEL) >> 18]!;
    for (let i = at; i < at + 8; i++) data[i] = value;
  }
}

/** Last pass back where the last four columns are zero: `inverseRows` without their terms. */
function inverseShortRows(data: Uint8Array, from: number, width: number): void {
  for (let row = 0, at = from; row < 64; row += 8, at += width) {
    const x1 = work[row + 1]!;
    const x2 = work[row + 2]!;
    const x3 = work[row + 3]!;
    const base = (work[row]! << 13) + LEVEL;
    const inner = Math.imul(A, x2);
    const outer = inner + Math.imul(B, x2);
    const z5 = Math.imul(D, x3 + x1);
    const odd3 = z5 - Math.imul(I, x1) - Math.imul(K, x3);
    const odd2 = z5 - Math.imul(J, x3) - Math.imul(L, x1);
    const odd1 = z5 + Math.imul(G - J - K, x3);
    const odd0 = z5 + Math.imul(H - I - L, x1);
    data[at] = clamp[(base + outer + odd0) >> 18]!;
    data[at + 1] = clamp[(base + inner + odd1) >> 18]!;
    data[at + 2] = clamp[(base - inner + odd2) >> 18]!;
    data[at + 3] = clamp[(base - outer + odd3) >> 18]!;
    data[at + 4] = clamp[(base - outer - odd3) >> 18]!;
    data[at + 5] = clamp[(base - inner - odd2) >> 18]!;
    data[at + 6] = clamp[(base + inner - odd1) >> 18]!;
    data[at + 7] = clamp[(base + outer - odd0) >> 18]!;
  }
}

/** Last pass back, along the rows, to samples. */
function inverseRows(data: Uint8Array, from: number, width: number): void {
  for (let row = 0, at = from; row < 64; row += 8, at += width) {
    const x0 = work[row]!;
    const x1 = work[row + 1]!;
    const x2 = work[row + 2]!;
    const x3 = work[row + 3]!;
    const x4 = work[row + 4]!;
    const x5 = work[row + 5]!;
    const x6 = work[row + 6]!;
    const x7 = work[row + 7]!;
    const z = Math.imul(A, x2 + x6);
    const inner = z - Math.imul(C, x6);
    const outer = z + Math.imul(B, x2);
    const plus = ((x0 + x4) << 13) + LEVEL;
    const minus = ((x0 - x4) << 13) + LEVEL;
    const z5 = Math.imul(D, x7 + x5 + x3 + x1);
    const z1 = Math.imul(-I, x7 + x1);
    const z2 = Math.imul(-J, x5 + x3);
    const z3 = z5 - Math.imul(K, x7 + x3);
    const z4 = z5 - Math.imul(L, x5 + x1);
    const odd3 = Math.imul(E, x7) + z1 + z3;
    const odd2 = Math.imul(F, x5) + z2 + z4;
    const odd1 = Math.imul(G, x3) + z2 + z3;
    const odd0 = Math.imul(H, x1) + z1 + z4;
    data[at] = clamp[(plus + outer + odd0) >> 18]!;
    data[at + 1] = clamp[(minus + inner + odd1) >> 18]!;
    data[at + 2] = clamp[(minus - inner + odd2) >> 18]!;
    data[at + 3] = clamp[(plus - outer + odd3) >> 18]!;
    data[at + 4] = clamp[(plus - outer - odd3) >> 18]!;
    data[at + 5] = clamp[(minus - inner - odd2) >> 18]!;
    data[at + 6] = clamp[(minus + inner - odd1) >> 18]!;
    data[at + 7] = clamp[(plus + outer - odd0) >> 18]!;
  }
}
