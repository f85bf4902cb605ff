// Multigrid on a grid of pixels: errors that change slowly are mended on coarser grids. Braess, "Towards algebraic multigrid for
// elliptic problems of second order", Computing 55, 1995: blocks of constant value, their correction enlarged.
import { coupled, emptyStencil, type Stencil, sweep } from "./stencil.ts";

/** Blocks of constant value make the coarse system too stiff; Braess's factor. */
const OVERCORRECTION = 1.8;

/** The system and its coarser versions, 2 × 2 pixels a pixel, down to one. */
export function levelsOf(stencil: Stencil): Stencil[] {
  const levels = [stencil];
  for (let s = stencil; s.height * s.width > 1; ) {
    s = coarser(s);
    levels.push(s);
  }
  return levels;
}

const half = (n: number): number => Math.ceil(n / 2);

/** Index in the coarse grid of the pixel (x, y) of the fine one. */
const parent = (coarse: Stencil, y: number, x: number): number =>
  ((y >> 1) + 1) * coarse.stride + (x >> 1) + 1;

/** Pᵀ A P for P constant on blocks: couplings between blocks add up, those within leave the diagonal. */
function coarser(fine: Stencil): Stencil {
  const coarse = emptyStencil(half(fine.height), half(fine.width));
  const { diagonal, stride } = coarse;
  const couplings = new Map([
    [1, coarse.east],
    [stride, coarse.south],
    [stride + 1, coarse.southEast],
    [stride - 1, coarse.southWest],
  ]);
  const add = (from: number, to: number, weight: number): void => {
    if (weight === 0) return;
    if (from === to) diagonal[from] = (diagonal[from] as number) - 2 * weight;
    else {
      const grid = couplings.get(Math.abs(to - from)) as Float64Array;
      const at = Math.min(from, to);
      grid[at] = (grid[at] as number) + weight;
    }
  };
  for (let y = 0; y < fine.height; y++)
    for (let x = 0; x < fine.width; x++) {
      const i = (y + 1) * fine.stride + x + 1;
      if (fine.diagonal[i] === 0) continue;
      const own = parent(coarse, y, x);
      diagonal[own] = (diagonal[own] as number) + (fine.diagonal[i] as number);
      add(own, parent(coarse, y, x + 1), fine.east[i] as number);
      add(own, parent(coarse, y + 1, x), fine.south[i] as number);
      add(own, parent(coarse, y + 1, x + 1), fine.southEast[i] as number);
      add(own, parent(coarse, y + 1, x - 1), fine.southWest[i] as number);
    }
  return coarse;
}

/** One V-cycle from zero: a symmetric approximation of A⁻¹ · right. */
export function vCycle(levels: readonly Stencil[], right: Float64Array, depth = 0): Float64Array {
  const s = levels[depth] as Stencil;
  const x = new Float64Array(right.length);
  sweep(s, right, x, true);
  const coarse = levels[depth + 1];
  if (coarse !== undefined) {
    const correction = vCycle(levels, restrictedResidual(s, right, x, coarse), depth + 1);
    for (let y = 0; y < s.height; y++)
      for (let px = 0; px < s.width; px++) {
        const i = (y + 1) * s.stride + px + 1;
        if (s.diagonal[i] !== 0)
          x[i] = (x[i] as number) + OVERCORRECTION * (correction[parent(coarse, y, px)] as number);
      }
  }
  sweep(s, right, x, false);
  return x;
}

/** Pᵀ (right − A · x). */
function restrictedResidual(s: Stencil, right: Float64Array, x: Float64Array, coarse: Stencil): Float64Array {
  const out = new Float64Array(coarse.diagonal.length);
  for (let y = 0; y < s.height; y++)
    for (let px = 0; px < s.width; px++) {
      const i = (y + 1) * s.stride + px + 1;
      if (s.diagonal[i] === 0) continue;
      const own = parent(coarse, y, px);
      const product = (s.diagonal[i] as number) * (x[i] as number) - coupled(s, x, i);
      out[own] = (out[own] as number) + (right[i] as number) - product;
    }
  return out;
}
