// JPEG's colour: RGB to luma and two half-size chroma planes and back, in the integer arithmetic of libjpeg (4:2:0, triangle filter).
// ITU-T T.871 has the colours, in 16 binary places here.
import type { Pixels } from "../../corruption.ts";
import { clamp, ZERO } from "./clamp.ts";

/** Both sides are multiples of 8, what is beyond the picture repeats its edge. */
export interface Plane {
  readonly width: number;
  readonly height: number;
  readonly data: Uint8Array;
}

export interface Planes {
  readonly luma: Plane;
  readonly blue: Plane;
  readonly red: Plane;
}

const HALF = 1 << 15;
/** 128, and just below a half: libjpeg's chroma rounds so. */
const CHROMA = (128 << 16) + HALF - 1;

/** Rounding of samples that stand left of their chroma, whose zero is 128; those right of it have one less. */
const EVEN = 8 - (128 << 4);

const upTo = (multiple: number, size: number): number => multiple * Math.ceil(size / multiple);

const emptyPlane = (width: number, height: number): Plane => ({
  width,
  height,
  data: new Uint8Array(width * height),
});

/** Luma of every pixel, chroma of every 2 × 2. */
export function toPlanes({ width, height, data }: Pixels): Planes {
  const wide = upTo(16, width);
  const high = upTo(16, height);
  const planes = {
    luma: emptyPlane(wide, high),
    blue: emptyPlane(wide / 2, high / 2),
    red: emptyPlane(wide / 2, high / 2),
  };
  const [upper, lower] = [new Uint8Array(wide * 3), new Uint8Array(wide * 3)];
  const fill = (row: Uint8Array, y: number): void => {
    row.set(data.subarray(y * width * 3, (y + 1) * width * 3));
    for (let i = width * 3; i < row.length; i++) row[i] = row[i - 3]!;
  };
  for (let y = 0; y < height; y += 2) {
    fill(upper, y);
    fill(lower, Math.min(y + 1, height - 1));
    convertRowPair(upper, lower, planes, y / 2);
  }
  repeatLastRow(planes.luma, height);
  repeatLastRow(planes.blue, Math.ceil(height / 2));
  repeatLastRow(planes.red, Math.ceil(height / 2));
  return planes;
}

function repeatLastRow({ width, height, data }: Plane, filled: number): void {
  for (let y = filled; y < height; y++) data.copyWithin(y * width, (filled - 1) * width, filled * width);
}

function convertRowPair(upper: Uint8Array, lower: Uint8Array, { luma, blue, red }: Planes, pair: number): void {
  const { width } = blue;
  const [lumas, blues, reds] = [luma.data, blue.data, red.data];
  let top = 4 * pair * width;
  let bottom = top + 2 * width;
  for (let x = 0, i = 0, at = pair * width; x < width; x++, i += 6, at++) {
    const r0 = upper[i]!;
    const g0 = upper[i + 1]!;
    const b0 = upper[i + 2]!;
    const r1 = upper[i + 3]!;
    const g1 = upper[i + 4]!;
    const b1 = upper[i + 5]!;
    const r2 = lower[i]!;
    const g2 = lower[i + 1]!;
    const b2 = lower[i + 2]!;
    const r3 = lower[i + 3]!;
    const g3 = lower[i + 4]!;
    const b3 = lower[i + 5]!;
    lumas[top++] = lumaOf(r0, g0, b0);
    lumas[top++] = lumaOf(r1, g1, b1);
    lumas[bottom++] = lumaOf(r2, g2, b2);
    lumas[bottom++] = lumaOf(r3, g3, b3);
    const bias = 1 + (x & 1);
    blues[at] = (blueOf(r0, g0, b0) + blueOf(r1, g1, b1) + blueOf(r2, g2, b2) + blueOf(r3, g3, b3) + bias) >> 2;
    reds[at] = (redOf(r0, g0, b0) + redOf(r1, g1, b1) + redOf(r2, g2, b2) + redOf(r3, g3, b3) + bias) >> 2;
  }
}

const lumaOf = (r: number, g: number, b: number): number =>
  (Math.imul(19595, r) + Math.imul(38470, g) + Math.imul(7471, b) + HALF) >> 16;

const blueOf = (r: number, g: number, b: number): number =>
  ((b << 15) - Math.imul(11059, r) - Math.imul(21709, g) + CHROMA) >> 16;

const redOf = (r: number, g: number, b: number): number =>
  ((r << 15) - Math.imul(27439, g) - Math.imul(5329, b) + CHROMA) >> 16;

/** Pixels of the planes' upper left corner. */
export function fromPlanes({ luma, blue, red }: Planes, width: number, height: number): Uint8Array {
  const out = new Uint8Array(width * height * 3);
  const [columns, rows] = [Math.ceil(width / 2), Math.ceil(height / 2)];
  // one sample before the first and one behind the last repeat these
  const [blues, reds] = [new Int32Array(columns + 2), new Int32Array(columns + 2)];
  for (let y = 0; y < height; y++) {
    const here = y >> 1;
    const near = Math.max(0, Math.min(rows - 1, here + (y & 1 ? 1 : -1)));
    blendRows(blue, here, near, columns, blues);
    blendRows(red, here, near, columns, reds);
    writeRow(luma.data, y * luma.width, blues, reds, out, y * width * 3, width);
  }
  return out;
}

/** Three parts of the row that a pixel's chroma stands in, one of the next nearest. */
function blendRows({ width, data }: Plane, here: number, near: number, columns: number, into: Int32Array): void {
  const from = here * width;
  const other = near * width;
  for (let x = 0; x < columns; x++) into[x + 1] = 3 * data[from + x]! + data[other + x]!;
  into[0] = into[1]!;
  into[columns + 1] = into[columns]!;
}

function writeRow(
  luma: Uint8Array,
  from: number,
  blues: Int32Array,
  reds: Int32Array,
  out: Uint8Array,
  to: number,
  width: number,
): void {
  const table = clamp;
  let blueBefore = blues[0]!;
  let redBefore = reds[0]!;
  let blueHere = blues[1]!;
  let redHere = reds[1]!;
  for (let x = 0; x < width; x += 2) {
    const blueAfter = blues[(x >> 1) + 2]!;
    const redAfter = reds[(x >> 1) + 2]!;
    const at = from + x;
    const i = to + 3 * x;
    const blue = 3 * blueHere + EVEN;
    const red = 3 * redHere + EVEN;
    writePixel(luma[at]!, (blue + blueBefore) >> 4, (red + redBefore) >> 4, table, out, i);
    // where the width is odd, this one is written over by the next row, or falls off the end
    writePixel(luma[at + 1]!, (blue + blueAfter - 1) >> 4, (red + redAfter - 1) >> 4, table, out, i + 3);
    blueBefore = blueHere;
    redBefore = redHere;
    blueHere = blueAfter;
    redHere = redAfter;
  }
}

function writePixel(y: number, blue: number, red: number, table: Uint8Array, out: Uint8Array, at: number): void {
  const from = y + ZERO;
  out[at] = table[from + ((Math.imul(91881, red) + HALF) >> 16)]!;
  out[at + 1] = table[from + ((HALF - Math.imul(22554, blue) - Math.imul(46802, red)) >> 16)]!;
  out[at + 2] = table[from + ((Math.imul(116130, blue) + HALF) >> 16)]!;
}
