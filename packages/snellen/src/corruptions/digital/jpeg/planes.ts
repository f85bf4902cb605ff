// JPEG's colour: RGB to luma and two half-size chroma planes and back, in the integer arithmetic of libjpeg (4:2:0, triangle filter).
// ITU-T T.871 has the colours, in 16 binary places here.
import { SIDES } from "../../corrupt.ts";
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

// Rows that are worked on stand here and are not handed on, so that the compiler knows where they are: a third faster. There is room
// for the widest picture that corruptions take.
const ROOM = upTo(16, SIDES.most);
const upper = new Uint8Array(3 * ROOM);
const lower = new Uint8Array(3 * ROOM);
const upperLuma = new Uint8Array(ROOM);
const lowerLuma = new Uint8Array(ROOM);
const blueRow = new Uint8Array(ROOM / 2);
const redRow = new Uint8Array(ROOM / 2);
/** Blended rows, with one sample before the first and one behind the last. */
const blues = new Int32Array(ROOM / 2 + 2);
const reds = new Int32Array(ROOM / 2 + 2);
const clamped = clamp.slice();

/** Luma of every pixel, chroma of every 2 × 2. */
export function toPlanes({ width, height, data }: Pixels): Planes {
  const wide = upTo(16, width);
  const high = upTo(16, height);
  const half = wide / 2;
  const luma = emptyPlane(wide, high);
  const blue = emptyPlane(half, high / 2);
  const red = emptyPlane(half, high / 2);
  const fill = (row: Uint8Array, y: number): void => {
    row.set(data.subarray(y * width * 3, (y + 1) * width * 3));
    for (let i = width * 3; i < wide * 3; i++) row[i] = row[i - 3]!;
  };
  for (let y = 0; y < height; y += 2) {
    fill(upper, y);
    fill(lower, Math.min(y + 1, height - 1));
    convertRowPair(half);
    luma.data.set(upperLuma.subarray(0, wide), y * wide);
    luma.data.set(lowerLuma.subarray(0, wide), (y + 1) * wide);
    blue.data.set(blueRow.subarray(0, half), y * (half / 2));
    red.data.set(redRow.subarray(0, half), y * (half / 2));
  }
  repeatLastRow(luma, height);
  repeatLastRow(blue, Math.ceil(height / 2));
  repeatLastRow(red, Math.ceil(height / 2));
  return { luma, blue, red };
}

function repeatLastRow({ width, height, data }: Plane, filled: number): void {
  for (let y = filled; y < height; y++) data.copyWithin(y * width, (filled - 1) * width, filled * width);
}

/** From the rows above to luma and chroma, `count` samples of the latter. */
function convertRowPair(count: number): void {
  for (let x = 0, i = 0; x < count; x++, i += 6) {
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
    const at = x << 1;
    upperLuma[at] = lumaOf(r0, g0, b0);
    upperLuma[at + 1] = lumaOf(r1, g1, b1);
    lowerLuma[at] = lumaOf(r2, g2, b2);
    lowerLuma[at + 1] = lumaOf(r3, g3, b3);
    const bias = 1 + (x & 1);
    blueRow[x] =
      (blueOf(r0, g0, b0) + blueOf(r1, g1, b1) + blueOf(r2, g2, b2) + blueOf(r3, g3, b3) + bias) >> 2;
    redRow[x] = (redOf(r0, g0, b0) + redOf(r1, g1, b1) + redOf(r2, g2, b2) + redOf(r3, g3, b3) + bias) >> 2;
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
  const columns = (width + 1) >> 1;
  const rows = (height + 1) >> 1;
  for (let y = 0; y < height; y++) {
    const here = y >> 1;
    const near = Math.max(0, Math.min(rows - 1, here + (y & 1 ? 1 : -1)));
    blendRows(blue.data, red.data, here * blue.width, near * blue.width, columns);
    writeRow(luma.data, y * luma.width, columns);
    out.set(upper.subarray(0, width * 3), y * width * 3);
  }
  return out;
}

/** Three parts of the row that a pixel's chroma stands in, one of the next nearest. */
function blendRows(blue: Uint8Array, red: Uint8Array, here: number, near: number, count: number): void {
  for (let x = 0; x < count; x++) {
    blues[x + 1] = Math.imul(3, blue[here + x]!) + blue[near + x]!;
    reds[x + 1] = Math.imul(3, red[here + x]!) + red[near + x]!;
  }
  blues[0] = blues[1]!;
  reds[0] = reds[1]!;
  blues[count + 1] = blues[count]!;
  reds[count + 1] = reds[count]!;
}

/** From the blended rows and luma to pixels in `upper`, two for each of `count` chroma samples. */
function writeRow(luma: Uint8Array, from: number, count: number): void {
  let blueBefore = blues[0]!;
  let redBefore = reds[0]!;
  let blueHere = blues[1]!;
  let redHere = reds[1]!;
  for (let x = 0, i = 0; x < count; x++, i += 6) {
    const blueAfter = blues[x + 2]!;
    const redAfter = reds[x + 2]!;
    const blue = (Math.imul(3, blueHere) + EVEN) | 0;
    const red = (Math.imul(3, redHere) + EVEN) | 0;
    writePixel(luma[from + (x << 1)]!, (blue + blueBefore) >> 4, (red + redBefore) >> 4, i);
    writePixel(luma[from + (x << 1) + 1]!, (blue + blueAfter - 1) >> 4, (red + redAfter - 1) >> 4, i + 3);
    blueBefore = blueHere;
    redBefore = redHere;
    blueHere = blueAfter;
    redHere = redAfter;
  }
}

function writePixel(luma: number, blue: number, red: number, at: number): void {
  const from = (luma + ZERO) | 0;
  upper[at] = clamped[from + ((Math.imul(91881, red) + HALF) >> 16)]!;
  upper[at + 1] = clamped[from + ((HALF - Math.imul(22554, blue) - Math.imul(46802, red)) >> 16)]!;
  upper[at + 2] = clamped[from + ((Math.imul(116130, blue) + HALF) >> 16)]!;
}
