// JPEG's colours, the way back: luma and two planes of chroma at half the size to RGB, as libjpeg does it (4:2:0, triangle filter).
// ITU-T T.871 has the weights, in 16 binary places here. AssemblyScript.

/**
 * RGB of rows `from` to `to` - 1 of the luma. Its row 0 and that of the chroma belong to the stripe above, the last of it.
 * @param wide width of the luma, a multiple of 16
 * @param rgb address of (to - from) · width · 3 + 48 bytes
 * @param blended address of 2 · wide + 80 bytes to work in
 */
export function fromPlanes(
  luma: usize,
  blue: usize,
  red: usize,
  wide: usize,
  from: usize,
  to: usize,
  rgb: usize,
  width: usize,
  blended: usize,
): void {
  const half = wide >> 1;
  const blues = blended + 16;
  const reds = blues + wide + 32;
  for (let y = from; y < to; y++) {
    const here = (y + 1) >> 1;
    const near = y & 1 ? here - 1 : here + 1;
    blend(blue + here * half, blue + near * half, half, blues, (width + 1) >> 1);
    blend(red + here * half, red + near * half, half, reds, (width + 1) >> 1);
    convertRow(luma + y * wide, blues, reds, width, rgb);
    rgb += 3 * width;
  }
}

/** Three parts of the row that a pixel's chroma stands in, one of the next nearest; one more on either side. */
function blend(here: usize, near: usize, half: usize, out: usize, columns: usize): void {
  const zero = i16x8.splat(4 * 128);
  const three = i16x8.splat(3);
  for (let x: usize = 0; x < half; x += 8) {
    const sum = i16x8.add(i16x8.mul(v128.load8x8_u(here + x), three), v128.load8x8_u(near + x));
    v128.store(out + 2 * x, i16x8.sub(sum, zero));
  }
  store<i16>(out - 2, load<i16>(out));
  store<i16>(out + 2 * columns, load<i16>(out + 2 * columns - 2));
}

/** Sixteen pixels at a time; what is written beyond the row is the next one's. */
function convertRow(luma: usize, blues: usize, reds: usize, width: usize, rgb: usize): void {
  for (let end = luma + width; luma < end; luma += 16) {
    const samples = v128.load(luma);
    const left = v128.and(samples, i16x8.splat(255));
    const right = i16x8.shr_u(samples, 8);
    const blueLeft = leftOf(blues);
    const blueRight = rightOf(blues);
    const redLeft = leftOf(reds);
    const redRight = rightOf(reds);
    const r = i8x16.narrow_i16x8_u(redness(left, redLeft), redness(right, redRight));
    const g = i8x16.narrow_i16x8_u(greenness(left, blueLeft, redLeft), greenness(right, blueRight, redRight));
    const b = i8x16.narrow_i16x8_u(blueness(left, blueLeft), blueness(right, blueRight));
    interleave(r, g, b, rgb);
    blues += 16;
    reds += 16;
    rgb += 48;
  }
}

/** Three parts of a pixel's chroma and one of that on its left, in sixteenths. */
function leftOf(at: usize): v128 {
  const here = i16x8.mul(v128.load(at), i16x8.splat(3));
  return i16x8.shr_s(i16x8.add(i16x8.add(here, v128.load(at - 2)), i16x8.splat(8)), 4);
}

/** The same of a pixel that stands right in its pair; halves are rounded down here. */
function rightOf(at: usize): v128 {
  const here = i16x8.mul(v128.load(at), i16x8.splat(3));
  return i16x8.shr_s(i16x8.add(i16x8.add(here, v128.load(at + 2)), i16x8.splat(7)), 4);
}

// Weights in 15 binary places, rounded alike for every chroma (-128 to 127); whole parts are added.

/** y + 1.402 red */
function redness(luma: v128, red: v128): v128 {
  return i16x8.add(i16x8.add(luma, red), i16x8.q15mulr_sat_s(red, i16x8.splat(13175)));
}

/** y + 1.772 blue */
function blueness(luma: v128, blue: v128): v128 {
  const twice = i16x8.shl(blue, 1);
  return i16x8.add(i16x8.add(luma, twice), i16x8.q15mulr_sat_s(blue, i16x8.splat(-7471)));
}

/** y - 0.34414 blue - 0.71414 red */
function greenness(luma: v128, blue: v128, red: v128): v128 {
  const weights = i32x4.splat((-22554 & 0xffff) | (18734 << 16));
  const half = i32x4.splat(1 << 15);
  const first = i32x4.dot_i16x8_s(i16x8.shuffle(blue, red, 0, 8, 1, 9, 2, 10, 3, 11), weights);
  const last = i32x4.dot_i16x8_s(i16x8.shuffle(blue, red, 4, 12, 5, 13, 6, 14, 7, 15), weights);
  const sum = i16x8.narrow_i32x4_s(
    i32x4.shr_s(i32x4.add(first, half), 16),
    i32x4.shr_s(i32x4.add(last, half), 16),
  );
  return i16x8.add(i16x8.sub(luma, red), sum);
}

/** Sixteen pixels of colours that have the left ones of pairs first, the right ones behind them. */
function interleave(r: v128, g: v128, b: v128, rgb: usize): void {
  const rg0 = i8x16.shuffle(r, g, 0, 16, 0, 8, 24, 0, 1, 17, 0, 9, 25, 0, 2, 18, 0, 10);
  v128.store(rgb, i8x16.shuffle(rg0, b, 0, 1, 16, 3, 4, 24, 6, 7, 17, 9, 10, 25, 12, 13, 18, 15));
  const rg1 = i8x16.shuffle(r, g, 26, 0, 3, 19, 0, 11, 27, 0, 4, 20, 0, 12, 28, 0, 5, 21);
  v128.store(rgb, i8x16.shuffle(rg1, b, 0, 26, 2, 3, 19, 5, 6, 27, 8, 9, 20, 11, 12, 28, 14, 15), 16);
  const rg2 = i8x16.shuffle(r, g, 0, 13, 29, 0, 6, 22, 0, 14, 30, 0, 7, 23, 0, 15, 31, 0);
  v128.store(rgb, i8x16.shuffle(rg2, b, 21, 1, 2, 29, 4, 5, 22, 7, 8, 30, 10, 11, 23, 13, 14, 31), 32);
}
