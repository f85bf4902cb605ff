// Sines and cosines of row and column, [1 + side², width]: positions of patches that start out knowing who is whose neighbour.

/** Beside patch embeddings of about unit size. */
const SIZE = 0.3;

/** The class token's position, which comes first, is zero. */
export function gridWaves(side: number, width: number): Float32Array {
  const quarter = width / 4;
  const values = new Float32Array((1 + side * side) * width);
  const rate = (k: number): number => Math.PI * 2 ** (-(k / (quarter - 1)) * Math.log2(side));
  for (let row = 0; row < side; row++)
    for (let column = 0; column < side; column++) {
      const at = (1 + row * side + column) * width;
      for (let k = 0; k < quarter; k++) {
        values[at + k] = SIZE * Math.sin(row * rate(k));
        values[at + quarter + k] = SIZE * Math.cos(row * rate(k));
        values[at + 2 * quarter + k] = SIZE * Math.sin(column * rate(k));
        values[at + 3 * quarter + k] = SIZE * Math.cos(column * rate(k));
      }
    }
  return values;
}
