// Scaling down by means over boxes of whole pixels, and up again by copies. AssemblyScript.

/** A half, in the 22 binary places that reciprocals have. */
const HALF: i32 = 1 << 21;

/** Products of sums and their reciprocals, rounded, halves upwards: eight bytes. */
function means(sums: v128, reciprocal: v128): v128 {
  const half = i32x4.splat(HALF);
  const a = i32x4.add(i32x4.mul(i32x4.extend_low_i16x8_u(sums), reciprocal), half);
  const b = i32x4.add(i32x4.mul(i32x4.extend_high_i16x8_u(sums), reciprocal), half);
  const both = i16x8.narrow_i32x4_s(i32x4.shr_s(a, 22), i32x4.shr_s(b, 22));
  return i8x16.narrow_i16x8_u(both, both);
}

/**
 * Means along rows of RGB, over up to 257 pixels each.
 * @param length bytes of a row
 * @param boxes address of three whole numbers a mean: place of the first byte, place behind the last, reciprocal of the count
 * @param out address of 3 · size · rows + 1 bytes
 */
export function averageColumns(
  rgb: usize,
  rows: i32,
  length: usize,
  boxes: usize,
  size: i32,
  out: usize,
): void {
  for (let y = 0; y < rows; y++) {
    averageRow(rgb, boxes, size, out);
    rgb += length;
    out += 3 * size;
  }
}

function averageRow(row: usize, boxes: usize, size: i32, out: usize): void {
  for (let k = 0; k < size; k++) {
    const end = row + <usize>load<u32>(boxes, 4);
    let sums = i16x8.splat(0);
    for (let at = row + <usize>load<u32>(boxes); at < end; at += 3)
      sums = i16x8.add(sums, i16x8.extend_low_i8x16_u(v128.load32_zero(at)));
    v128.store32_lane(out, means(sums, v128.load32_splat(boxes, 8)), 0);
    boxes += 12;
    out += 3;
  }
}

/** Means over `count` rows that stand one behind the other, eight bytes at a time. */
export function averageRows(rows: usize, count: i32, length: usize, reciprocal: i32, out: usize): void {
  const factor = i32x4.splat(reciprocal);
  for (let i: usize = 0; i < length; i += 8) {
    let sums = i16x8.splat(0);
    let at = rows + i;
    for (let y = 0; y < count; y++) {
      sums = i16x8.add(sums, v128.load8x8_u(at));
      at += length;
    }
    v128.store64_lane(out + i, means(sums, factor), 0);
  }
}

/**
 * Pixels of a row of RGB, copied.
 * @param sources address of the places of their first bytes
 * @param out address of 3 · width + 1 bytes
 */
export function copyColumns(row: usize, sources: usize, width: i32, out: usize): void {
  for (let x = 0; x < width; x++) {
    store<u32>(out, load<u32>(row + <usize>load<u32>(sources)));
    sources += 4;
    out += 3;
  }
}
