// The ten Sloan letters as vector shapes on a grid of 5 × 5 strokes, x to the right and y down, stroke width 1.
// After L. L. Sloan, "New test charts for the measurement of visual acuity", Am. J. Ophthalmol. 48 (1959); our drawing.

import { box, disc, halfTurn, polygon, type Shape, union, without } from "./shapes.ts";

/** The classes in the order of their indices. */
export const optotypeLabels = ["C", "D", "H", "K", "N", "O", "R", "S", "V", "Z"] as const;

export type OptotypeLabel = (typeof optotypeLabels)[number];

/** Height and width of every letter in strokes. */
export const gridSize = 5;

const ring = without(disc(2.5, 2.5, 2.5), disc(2.5, 2.5, 1.5));
const stem = box(0, 0, 1, 5);

// A slanted stroke of width 1 measures √(run² + rise²) / rise along the horizontal.
// N: 25 w² = (5 - w)² + 25, so w = 1.25.  V: 25 w² = (2.5 - w/2)² + 25.  R: a 3-4-5 triangle, w = 1.25.
const slantN = 1.25;
const slantV = (Math.sqrt(2.5 ** 2 + 4 * 24.75 * 31.25) - 2.5) / (2 * 24.75);
const slantK = Math.SQRT2;

// The bowl of R and both bowls of S: a stadium three strokes high whose ends are half rings.
const upperBowl = without(
  union(box(1.5, 0, 3.5, 3), disc(1.5, 1.5, 1.5), disc(3.5, 1.5, 1.5)),
  union(box(1.5, 1, 3.5, 2), disc(1.5, 1.5, 0.5), disc(3.5, 1.5, 0.5)),
);
const halfS = without(upperBowl, box(3.5, 1.5, 6, 4));

/** Each letter's shape; it fills the square [0, 5] × [0, 5]. */
export const sloanLetters: { readonly [L in OptotypeLabel]: Shape } = {
  C: without(ring, box(2.5, 2, 6, 3)),
  D: without(union(box(0, 0, 2.5, 5), disc(2.5, 2.5, 2.5)), union(box(1, 1, 2.5, 4), disc(2.5, 2.5, 1.5))),
  H: union(stem, box(4, 0, 5, 5), box(1, 2, 4, 3)),
  K: union(
    stem,
    polygon([5 - slantK, 0], [5, 0], [1, 4], [1, 4 - slantK]),
    polygon([2.5, 2.5], [5, 5], [5 - slantK, 5], [(5 - slantK) / 2, (5 + slantK) / 2]),
  ),
  N: union(stem, box(4, 0, 5, 5), polygon([0, 0], [slantN, 0], [5, 5], [5 - slantN, 5])),
  O: ring,
  R: union(
    stem,
    without(union(box(1, 0, 3.5, 3), disc(3.5, 1.5, 1.5)), union(box(1, 1, 3.5, 2), disc(3.5, 1.5, 0.5))),
    polygon([2.25, 3], [3.5, 3], [5, 5], [3.75, 5]),
  ),
  S: union(halfS, halfTurn(halfS, 2.5, 2.5)),
  V: union(
    polygon([0, 0], [slantV, 0], [2.5 + slantV / 2, 5], [2.5 - slantV / 2, 5]),
    polygon([5 - slantV, 0], [5, 0], [2.5 + slantV / 2, 5], [2.5 - slantV / 2, 5]),
  ),
  Z: union(box(0, 0, 5, 1), box(0, 4, 5, 5), polygon([5, 0], [5, slantN], [0, 5], [0, 5 - slantN])),
};
