// Fills missing pixels so that each is the weighted mean of its neighbours: 1/6 for the four beside it, 1/12 for the four at its
// corners; where the picture ends, over those that exist. Rong et al., arXiv:2202.00449, without the noise.
import { emptyStencil, type Stencil } from "./stencil.ts";
import { solveStencil } from "./stencil-solver.ts";

const BESIDE = 1 / 6;
const CORNER = 1 / 12;

/** What a pixel of the grid is; the grid has a border of pixels that do not exist. */
const OUTSIDE = 0;
const KNOWN = 1;
const MISSING = 2;

/** The eight neighbours as steps through a grid of `stride`, with their weights. */
const neighboursOf = (stride: number): readonly (readonly [step: number, weight: number])[] =>
  [1, stride, stride + 1, stride - 1].flatMap((step) => {
    const weight = step === 1 || step === stride ? BESIDE : CORNER;
    return [[step, weight] as const, [-step, weight] as const];
  });

/**
 * A copy of the picture with its missing pixels filled.
 *
 * The residual of the linear system is at most 1e-7 of its right-hand side; in the tests values then differ from the exact
 * solution by less than 1e-5 of the picture's range.
 * @param values [C, H, W]
 * @param missing [H·W], 1 = to be filled; at least one pixel must be known
 * @param size [H, W]
 */
export function imputed(
  values: Float32Array,
  missing: Uint8Array,
  [height, width]: readonly [rows: number, columns: number],
): Float32Array {
  const out = values.slice();
  if (!missing.includes(1)) return out;
  const stencil = emptyStencil(height, width);
  const states = new Uint8Array(stencil.diagonal.length).fill(OUTSIDE);
  forEachPixel(stencil, (i, at) => {
    states[at] = missing[i] === 1 ? MISSING : KNOWN;
  });
  fillSystem(stencil, states);
  for (let first = 0; first < values.length; first += missing.length)
    fillChannel(out.subarray(first, first + missing.length), stencil, states);
  return out;
}

/** Calls with each pixel's index in the picture and in the grid with a border. */
function forEachPixel({ height, width, stride }: Stencil, visit: (i: number, at: number) => void): void {
  for (let y = 0, i = 0; y < height; y++)
    for (let x = 0; x < width; x++, i++) visit(i, (y + 1) * stride + x + 1);
}

/** Σ_j w_ij · (x_i − x_j) = 0 for every missing pixel i: known x_j go to the right-hand side. */
function fillSystem(stencil: Stencil, states: Uint8Array): void {
  const { diagonal, east, south, southEast, southWest, stride } = stencil;
  const neighbours = neighboursOf(stride);
  forEachPixel(stencil, (_, at) => {
    if (states[at] !== MISSING) return;
    for (const [step, weight] of neighbours)
      if (states[at + step] !== OUTSIDE) diagonal[at] = (diagonal[at] as number) + weight;
    if (states[at + 1] === MISSING) east[at] = BESIDE;
    if (states[at + stride] === MISSING) south[at] = BESIDE;
    if (states[at + stride + 1] === MISSING) southEast[at] = CORNER;
    if (states[at + stride - 1] === MISSING) southWest[at] = CORNER;
  });
}

/** Solves for differences from the mean of what is known, so that a constant picture is filled exactly. */
function fillChannel(channel: Float32Array, stencil: Stencil, states: Uint8Array): void {
  const grid = new Float64Array(states.length);
  let [sum, known] = [0, 0];
  forEachPixel(stencil, (i, at) => {
    if (states[at] !== KNOWN) return;
    sum += channel[i] as number;
    known += 1;
  });
  const mean = sum / known;
  forEachPixel(stencil, (i, at) => {
    if (states[at] === KNOWN) grid[at] = (channel[i] as number) - mean;
  });
  const neighbours = neighboursOf(stencil.stride);
  const right = new Float64Array(states.length);
  forEachPixel(stencil, (_, at) => {
    if (states[at] !== MISSING) return;
    for (const [step, weight] of neighbours)
      if (states[at + step] === KNOWN)
        right[at] = (right[at] as number) + weight * (grid[at + step] as number);
  });
  const solution = solveStencil(stencil, right);
  forEachPixel(stencil, (i, at) => {
    if (states[at] === MISSING) channel[i] = mean + (solution[at] as number);
  });
}
