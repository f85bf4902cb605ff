// The blur that insertion starts from. RISE's kernel, a Gaussian of σ 5 folded into 11×11 pixels of a 224-pixel input, is
// uniform within 7 % (`blur.test.ts`), so that a box of the same share of the input does its work at every size.

/** RISE's 11 pixels of 224; not fewer for small inputs, whose objects fewer would leave legible. */
const SHARE = 11 / 224;
const SMALLEST = 11;

/** Odd width of the box for an input of `side` pixels. */
export const boxWidth = (side: number): number =>
  Math.max(SMALLEST, 2 * Math.round((SHARE * side - 1) / 2) + 1);

/**
 * Each value's mean over the box around it; at the edges over the part of the box inside the picture.
 * @param values [C, H, W]
 * @param size [H, W]; the box follows the shorter side
 */
export function blurred(
  values: Float32Array,
  [height, width]: readonly [rows: number, columns: number],
): Float32Array {
  const radius = (boxWidth(Math.min(height, width)) - 1) / 2;
  const out = Float64Array.from(values);
  for (let row = 0; row < values.length / width; row++) smoothLine(out, row * width, 1, width, radius);
  for (let start = 0; start < values.length; start += height * width)
    for (let x = 0; x < width; x++) smoothLine(out, start + x, width, height, radius);
  return Float32Array.from(out);
}

/** Running mean of one line of `count` values, in place. */
function smoothLine(
  values: Float64Array,
  first: number,
  stride: number,
  count: number,
  radius: number,
): void {
  const sums = new Float64Array(count + 1);
  for (let i = 0; i < count; i++) sums[i + 1] = (sums[i] as number) + (values[first + i * stride] as number);
  for (let i = 0; i < count; i++) {
    const from = Math.max(0, i - radius);
    const to = Math.min(count, i + radius + 1);
    values[first + i * stride] = ((sums[to] as number) - (sums[from] as number)) / (to - from);
  }
}
