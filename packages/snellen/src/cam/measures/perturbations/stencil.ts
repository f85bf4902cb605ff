// Symmetric systems whose unknowns are pixels, each coupled to its eight neighbours, stored as grids instead of a sparse matrix.

/**
 * The matrix: `diagonal` at (i, i) and minus a coupling at (i, j). Every array is a grid of (height + 2) × stride numbers whose
 * border is zero; a pixel with a diagonal of zero is no unknown.
 */
export interface Stencil {
  readonly height: number;
  readonly width: number;
  /** width + 2. */
  readonly stride: number;
  readonly diagonal: Float64Array;
  /** Couplings to the pixel on the right, below, below right and below left. */
  readonly east: Float64Array;
  readonly south: Float64Array;
  readonly southEast: Float64Array;
  readonly southWest: Float64Array;
}

export function emptyStencil(height: number, width: number): Stencil {
  const stride = width + 2;
  const grid = () => new Float64Array((height + 2) * stride);
  return {
    height,
    width,
    stride,
    diagonal: grid(),
    east: grid(),
    south: grid(),
    southEast: grid(),
    southWest: grid(),
  };
}

/** Σ_j couplings_ij · x_j. */
export const coupled = (s: Stencil, x: Float64Array, i: number): number =>
  (s.east[i] as number) * (x[i + 1] as number) +
  (s.east[i - 1] as number) * (x[i - 1] as number) +
  (s.south[i] as number) * (x[i + s.stride] as number) +
  (s.south[i - s.stride] as number) * (x[i - s.stride] as number) +
  (s.southEast[i] as number) * (x[i + s.stride + 1] as number) +
  (s.southEast[i - s.stride - 1] as number) * (x[i - s.stride - 1] as number) +
  (s.southWest[i] as number) * (x[i + s.stride - 1] as number) +
  (s.southWest[i - s.stride + 1] as number) * (x[i - s.stride + 1] as number);

/** into = A · x. */
export function multiply(s: Stencil, x: Float64Array, into: Float64Array): void {
  const end = (s.height + 1) * s.stride - 1;
  for (let i = s.stride + 1; i < end; i++)
    into[i] = s.diagonal[i] === 0 ? 0 : (s.diagonal[i] as number) * (x[i] as number) - coupled(s, x, i);
}

/** One Gauss–Seidel sweep, from the upper left (`forward`) or from the lower right. */
export function sweep(s: Stencil, right: Float64Array, x: Float64Array, forward: boolean): void {
  const [first, last] = [s.stride + 1, (s.height + 1) * s.stride - 2];
  const step = forward ? 1 : -1;
  for (let i = forward ? first : last; i >= first && i <= last; i += step) {
    if (s.diagonal[i] !== 0) x[i] = ((right[i] as number) + coupled(s, x, i)) / (s.diagonal[i] as number);
  }
}
