// JPEG's colours: RGB to luma and two planes of chroma at half the size, and back, as libjpeg does it (4:2:0, triangle filter).
// ITU-T T.871 has the weights, in 16 binary places here. AssemblyScript.

const HALF: i32 = 1 << 15;
/** 128, and just below a half: libjpeg's chroma rounds so. */
const CHROMA: i32 = (128 << 16) + HALF - 1;
/** Bytes of 16 pixels. */
const STEP: usize = 48;

/**
 * Luma of every pixel, chroma of every 2 × 2, of 16 rows.
 * @param rgb address of `rows` rows of `width` pixels; the last is repeated below
 * @param wide width of the luma, a multiple of 16; the last pixel is repeated on the right
 * @param padded address of 6 · wide + 16 bytes to work in
 */
export function toPlanes(
  rgb: usize,
  width: usize,
  rows: usize,
  luma: usize,
  blue: usize,
  red: usize,
  wide: usize,
  padded: usize,
): void {
  const half = wide >> 1;
  const lower = padded + 3 * wide;
  for (let y: usize = 0; y < 16; y += 2) {
    if (y < rows) {
      pad(rgb + 3 * y * width, width, padded, wide);
      pad(rgb + 3 * min(y + 1, rows - 1) * width, width, lower, wide);
      convertRow(padded, luma, wide);
      convertRow(lower, luma + wide, wide);
      convertPair(padded, lower, blue, red, half);
    } else {
      memory.copy(luma, luma - wide, wide);
      memory.copy(luma + wide, luma - wide, wide);
      memory.copy(blue, blue - half, half);
      memory.copy(red, red - half, half);
    }
    luma += 2 * wide;
    blue += half;
    red += half;
  }
}

function pad(row: usize, width: usize, padded: usize, wide: usize): void {
  memory.copy(padded, row, 3 * width);
  for (let i = 3 * width; i < 3 * wide; i++) store<u8>(padded + i, load<u8>(padded + i - 3));
}

function convertRow(rgb: usize, luma: usize, wide: usize): void {
  for (let end = luma + wide; luma < end; luma += 16) {
    v128.store(luma, lumaOf(rgb));
    rgb += STEP;
  }
}

/** Two rows to one of chroma. Means of four are rounded down and up in turn. */
function convertPair(upper: usize, lower: usize, blue: usize, red: usize, half: usize): void {
  const bias = i32x4.splat(1 | (2 << 16));
  for (let end = blue + half; blue < end; blue += 8) {
    const blues = i16x8.add(twos(blueOf(upper)), twos(blueOf(lower)));
    const reds = i16x8.add(twos(redOf(upper)), twos(redOf(lower)));
    const a = i16x8.shr_u(i16x8.add(blues, bias), 2);
    const b = i16x8.shr_u(i16x8.add(reds, bias), 2);
    const both = i8x16.narrow_i16x8_u(a, b);
    v128.store64_lane(blue, both, 0);
    v128.store64_lane(red, both, 1);
    red += 8;
    upper += STEP;
    lower += STEP;
  }
}

function twos(bytes: v128): v128 {
  return i16x8.extadd_pairwise_i8x16_u(bytes);
}

// Of 16 pixels, 16 bytes.

function lumaOf(rgb: usize): v128 {
  return i8x16.narrow_i16x8_u(
    i16x8.narrow_i32x4_s(lumaOf4(rgb), lumaOf4(rgb + 12)),
    i16x8.narrow_i32x4_s(lumaOf4(rgb + 24), lumaOf4(rgb + 36)),
  );
}

function blueOf(rgb: usize): v128 {
  return i8x16.narrow_i16x8_u(
    i16x8.narrow_i32x4_s(blueOf4(rgb), blueOf4(rgb + 12)),
    i16x8.narrow_i32x4_s(blueOf4(rgb + 24), blueOf4(rgb + 36)),
  );
}

function redOf(rgb: usize): v128 {
  return i8x16.narrow_i16x8_u(
    i16x8.narrow_i32x4_s(redOf4(rgb), redOf4(rgb + 12)),
    i16x8.narrow_i32x4_s(redOf4(rgb + 24), redOf4(rgb + 36)),
  );
}

// Weights have to be below 32768, so that some are split in two: 38470 of luma's green, 32768 of chroma's own colour.

function lumaOf4(rgb: usize): v128 {
  const pixels = v128.load(rgb);
  const sum = i32x4.add(weigh(redGreen(pixels), 19595, 22086), weigh(greenBlue(pixels), 16384, 7471));
  return i32x4.shr_s(i32x4.add(sum, i32x4.splat(HALF)), 16);
}

function blueOf4(rgb: usize): v128 {
  const pixels = v128.load(rgb);
  const sum = i32x4.add(weigh(redGreen(pixels), -11059, -21709), weigh(blueTwice(pixels), 16384, 16384));
  return i32x4.shr_s(i32x4.add(sum, i32x4.splat(CHROMA)), 16);
}

function redOf4(rgb: usize): v128 {
  const pixels = v128.load(rgb);
  const sum = i32x4.add(weigh(greenBlue(pixels), -27439, -5329), weigh(redTwice(pixels), 16384, 16384));
  return i32x4.shr_s(i32x4.add(sum, i32x4.splat(CHROMA)), 16);
}

/** a · first + b · second of each pair. */
function weigh(pairs: v128, a: i32, b: i32): v128 {
  return i32x4.dot_i16x8_s(pairs, i32x4.splat((a & 0xffff) | (b << 16)));
}

// Two colours of four pixels, as pairs of 16-bit numbers; an index of -1 gives 0.

function redGreen(pixels: v128): v128 {
  return i8x16.swizzle(pixels, i8x16(0, -1, 1, -1, 3, -1, 4, -1, 6, -1, 7, -1, 9, -1, 10, -1));
}

function greenBlue(pixels: v128): v128 {
  return i8x16.swizzle(pixels, i8x16(1, -1, 2, -1, 4, -1, 5, -1, 7, -1, 8, -1, 10, -1, 11, -1));
}

function redTwice(pixels: v128): v128 {
  return i8x16.swizzle(pixels, i8x16(0, -1, 0, -1, 3, -1, 3, -1, 6, -1, 6, -1, 9, -1, 9, -1));
}

function blueTwice(pixels: v128): v128 {
  return i8x16.swizzle(pixels, i8x16(2, -1, 2, -1, 5, -1, 5, -1, 8, -1, 8, -1, 11, -1, 11, -1));
}
