// JPEG's loss: 8 × 8 blocks through the discrete cosine transform, rounded to the steps of a table, and back, eight columns at a time.
// Identical to libjpeg's integer transform (Loeffler, Ligtenberg & Moschytz 1989, 13 binary places). AssemblyScript.

/** Bytes of a row of a block: eight 16-bit numbers. */
const ROW: usize = 16;
/** What samples count from. */
const ZERO: i16 = 128;

/**
 * Rounds the coefficients of every block of a plane to multiples of their steps, in place.
 * @param samples address of width × height bytes, both multiples of 8
 * @param steps address of 64 bytes, frequencies along the rows fastest
 * @param reciprocals address of 64 floats: one by eight steps, and a little more, so that halves go away from zero
 * @param block address of 128 bytes to work in
 */
export function quantiseBlocks(
  samples: usize,
  width: usize,
  height: usize,
  steps: usize,
  reciprocals: usize,
  block: usize,
): void {
  for (let y: usize = 0; y < height; y += 8) {
    for (let x: usize = 0; x < width; x += 8) {
      const at = samples + y * width + x;
      read(at, width, block);
      transpose(block);
      forward(block, 11);
      transpose(block);
      forward(block, 15);
      round(block, steps, reciprocals);
      inverse(block, 11);
      transpose(block);
      inverse(block, 18);
      transpose(block);
      write(block, at, width);
    }
  }
}

function read(from: usize, width: usize, block: usize): void {
  for (let end = block + 8 * ROW; block < end; block += ROW) {
    v128.store(block, i16x8.sub(v128.load8x8_u(from), i16x8.splat(ZERO)));
    from += width;
  }
}

function write(block: usize, to: usize, width: usize): void {
  const zero = i16x8.splat(ZERO);
  for (let end = block + 8 * ROW; block < end; block += 2 * ROW) {
    const upper = i16x8.add(v128.load(block), zero);
    const rows = i8x16.narrow_i16x8_u(upper, i16x8.add(v128.load(block, ROW), zero));
    v128.store64_lane(to, rows, 0);
    v128.store64_lane(to + width, rows, 1);
    to += 2 * width;
  }
}

function firstPairs(a: v128, b: v128): v128 {
  return i16x8.shuffle(a, b, 0, 8, 1, 9, 2, 10, 3, 11);
}

function lastPairs(a: v128, b: v128): v128 {
  return i16x8.shuffle(a, b, 4, 12, 5, 13, 6, 14, 7, 15);
}

/** Interleaves each row with the one four below, three times: of a place's six bits, one goes from row to column each time. */
function transpose(block: usize): void {
  for (let bit = 0; bit < 3; bit++) {
    const x0 = v128.load(block);
    const x1 = v128.load(block, ROW);
    const x2 = v128.load(block, 2 * ROW);
    const x3 = v128.load(block, 3 * ROW);
    const x4 = v128.load(block, 4 * ROW);
    const x5 = v128.load(block, 5 * ROW);
    const x6 = v128.load(block, 6 * ROW);
    const x7 = v128.load(block, 7 * ROW);
    v128.store(block, firstPairs(x0, x4));
    v128.store(block, lastPairs(x0, x4), ROW);
    v128.store(block, firstPairs(x1, x5), 2 * ROW);
    v128.store(block, lastPairs(x1, x5), 3 * ROW);
    v128.store(block, firstPairs(x2, x6), 4 * ROW);
    v128.store(block, lastPairs(x2, x6), 5 * ROW);
    v128.store(block, firstPairs(x3, x7), 6 * ROW);
    v128.store(block, lastPairs(x3, x7), 7 * ROW);
  }
}

/** a · first + b · second of each pair. */
function weigh(pairs: v128, a: i32, b: i32): v128 {
  return i32x4.dot_i16x8_s(pairs, i32x4.splat((a & 0xffff) | (b << 16)));
}

// Weights: 8192 times √2 · cos(kπ/16), as libjpeg's sums of rounded ones have them. The even half of the transform takes apart into two
// pairs, the odd half is a symmetric matrix; so they serve both ways.

function even0(pairs: v128): v128 {
  return weigh(pairs, 8192, 8192);
}

function even1(pairs: v128): v128 {
  return weigh(pairs, 10703, 4433);
}

function even2(pairs: v128): v128 {
  return weigh(pairs, 8192, -8192);
}

function even3(pairs: v128): v128 {
  return weigh(pairs, 4433, -10704);
}

function odd0(front: v128, back: v128): v128 {
  return i32x4.add(weigh(front, 11363, 9633), weigh(back, 6437, 2260));
}

function odd1(front: v128, back: v128): v128 {
  return i32x4.add(weigh(front, 9633, -2259), weigh(back, -11362, -6436));
}

function odd2(front: v128, back: v128): v128 {
  return i32x4.add(weigh(front, 6437, -11362), weigh(back, 2261, 9633));
}

function odd3(front: v128, back: v128): v128 {
  return i32x4.add(weigh(front, 2260, -6436), weigh(back, 9633, -11363));
}

/** Divided by 2 to the power of `places`, halves upwards. */
function descale(first: v128, last: v128, places: i32): v128 {
  const half = i32x4.splat(1 << (places - 1));
  return i16x8.narrow_i32x4_s(
    i32x4.shr_s(i32x4.add(first, half), places),
    i32x4.shr_s(i32x4.add(last, half), places),
  );
}

/** The transform down the columns. */
function forward(block: usize, places: i32): void {
  const x0 = v128.load(block);
  const x1 = v128.load(block, ROW);
  const x2 = v128.load(block, 2 * ROW);
  const x3 = v128.load(block, 3 * ROW);
  const x4 = v128.load(block, 4 * ROW);
  const x5 = v128.load(block, 5 * ROW);
  const x6 = v128.load(block, 6 * ROW);
  const x7 = v128.load(block, 7 * ROW);
  const s0 = i16x8.add(x0, x7);
  const s1 = i16x8.add(x1, x6);
  const s2 = i16x8.add(x2, x5);
  const s3 = i16x8.add(x3, x4);
  const d0 = i16x8.sub(x0, x7);
  const d1 = i16x8.sub(x1, x6);
  const d2 = i16x8.sub(x2, x5);
  const d3 = i16x8.sub(x3, x4);
  const outer = i16x8.add(s0, s3);
  const inner = i16x8.add(s1, s2);
  const a = firstPairs(outer, inner);
  const b = lastPairs(outer, inner);
  v128.store(block, descale(even0(a), even0(b), places));
  v128.store(block, descale(even2(a), even2(b), places), 4 * ROW);
  const c = firstPairs(i16x8.sub(s0, s3), i16x8.sub(s1, s2));
  const d = lastPairs(i16x8.sub(s0, s3), i16x8.sub(s1, s2));
  v128.store(block, descale(even1(c), even1(d), places), 2 * ROW);
  v128.store(block, descale(even3(c), even3(d), places), 6 * ROW);
  const e = firstPairs(d0, d1);
  const f = lastPairs(d0, d1);
  const g = firstPairs(d2, d3);
  const h = lastPairs(d2, d3);
  v128.store(block, descale(odd0(e, g), odd0(f, h), places), ROW);
  v128.store(block, descale(odd1(e, g), odd1(f, h), places), 3 * ROW);
  v128.store(block, descale(odd2(e, g), odd2(f, h), places), 5 * ROW);
  v128.store(block, descale(odd3(e, g), odd3(f, h), places), 7 * ROW);
}

/** Added to a small number, its nearest integer stands in the last bits. */
const MAGIC: f32 = 12582912;

/** Coefficients, eight times too large, to multiples of their steps. */
function round(block: usize, steps: usize, reciprocals: usize): void {
  const magic = f32x4.splat(MAGIC);
  for (let end = block + 8 * ROW; block < end; block += ROW) {
    const x = v128.load(block);
    const a = f32x4.convert_i32x4_s(i32x4.extend_low_i16x8_s(x));
    const b = f32x4.convert_i32x4_s(i32x4.extend_high_i16x8_s(x));
    const low = f32x4.add(f32x4.mul(a, v128.load(reciprocals)), magic);
    const high = f32x4.add(f32x4.mul(b, v128.load(reciprocals, 16)), magic);
    const levels = i16x8.narrow_i32x4_s(i32x4.sub(low, magic), i32x4.sub(high, magic));
    v128.store(block, i16x8.mul(levels, v128.load8x8_u(steps)));
    steps += 8;
    reciprocals += 32;
  }
}

/** The transform's inverse, up the columns. */
function inverse(block: usize, places: i32): void {
  const x0 = v128.load(block);
  const x1 = v128.load(block, ROW);
  const x2 = v128.load(block, 2 * ROW);
  const x3 = v128.load(block, 3 * ROW);
  const x4 = v128.load(block, 4 * ROW);
  const x5 = v128.load(block, 5 * ROW);
  const x6 = v128.load(block, 6 * ROW);
  const x7 = v128.load(block, 7 * ROW);
  const a = firstPairs(x0, x4);
  const b = lastPairs(x0, x4);
  const c = firstPairs(x2, x6);
  const d = lastPairs(x2, x6);
  const e = firstPairs(x1, x3);
  const f = lastPairs(x1, x3);
  const g = firstPairs(x5, x7);
  const h = lastPairs(x5, x7);
  let first = i32x4.add(even0(a), even1(c));
  let last = i32x4.add(even0(b), even1(d));
  storeBoth(block, block + 7 * ROW, first, last, odd0(e, g), odd0(f, h), places);
  first = i32x4.sub(even0(a), even1(c));
  last = i32x4.sub(even0(b), even1(d));
  storeBoth(block + 3 * ROW, block + 4 * ROW, first, last, odd3(e, g), odd3(f, h), places);
  first = i32x4.add(even2(a), even3(c));
  last = i32x4.add(even2(b), even3(d));
  storeBoth(block + ROW, block + 6 * ROW, first, last, odd1(e, g), odd1(f, h), places);
  first = i32x4.sub(even2(a), even3(c));
  last = i32x4.sub(even2(b), even3(d));
  storeBoth(block + 2 * ROW, block + 5 * ROW, first, last, odd2(e, g), odd2(f, h), places);
}

/** Even and odd half, their sum and their difference. */
function storeBoth(
  sum: usize,
  difference: usize,
  first: v128,
  last: v128,
  oddFirst: v128,
  oddLast: v128,
  places: i32,
): void {
  v128.store(sum, descale(i32x4.add(first, oddFirst), i32x4.add(last, oddLast), places));
  v128.store(difference, descale(i32x4.sub(first, oddFirst), i32x4.sub(last, oddLast), places));
}
