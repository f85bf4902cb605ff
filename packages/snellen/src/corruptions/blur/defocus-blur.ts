// Defocus: a disk, its edge softened. Constants and recipe: ImageNet-C (Hendrycks & Dietterich 2019). The disk's rows are sums
// between two entries of running sums, so that its cost grows with the radius, not with the area.

import { defineCorruption, type Pixels } from "../corruption.ts";
import { borderIndex } from "../parts/borders.ts";
import { toByte } from "../parts/bytes.ts";
import { rowCache } from "../parts/row-cache.ts";

interface DefocusLevel {
  /** Of the disk, in pixels. */
  readonly radius: number;
  /** Standard deviation of the Gaussian that softens its edge, in pixels. */
  readonly softness: number;
}

export const defocusBlur = defineCorruption<DefocusLevel>({
  id: "defocus_blur",
  family: "blur",
  imagenetC: "common",
  summary: "averages every pixel over a disk, as a lens out of focus does",
  unit: "radius of the disk and standard deviation of its edge, in pixels",
  levels: [
    { radius: 3, softness: 0.1 },
    { radius: 4, softness: 0.5 },
    { radius: 6, softness: 0.5 },
    { radius: 8, softness: 0.5 },
    { radius: 10, softness: 0.5 },
  ],
  apply(pixels, { radius, softness }) {
    const { width, height, data } = pixels;
    const length = 3 * width;
    const edge = softEdge(radius, softness);
    const sums = rowCache(
      2 * radius + 6,
      () => new Int32Array(3 * (width + 2 * (radius + 1) + 1)),
      (y, into) => runningSums(data, y * length, width, radius + 1, into),
    );
    const disks = rowCache(
      5,
      () => new Int32Array(length),
      (y, into) => diskSums(sums, y, pixels, radius, into),
    );
    const tips = radius >= GRID ? tipSums(sums, pixels, radius, edge[1]) : () => none;
    const none = new Float64Array(length);
    const softened = new Float64Array(length + 12);
    const out = new Uint8Array(data.length);
    const area = diskArea(radius);
    for (let y = 0; y < height; y++) {
      softenDown(disks, y, height, edge, softened);
      softenAlong(softened, edge, area, tips(y), out, y * length);
    }
    return out;
  },
});

/** The reference draws small disks on a grid that reaches so far, larger ones on one that they fill. */
const GRID = 8;

const halfWidth = (radius: number, dy: number): number => Math.floor(Math.sqrt(radius ** 2 - dy ** 2));

function diskArea(radius: number): number {
  let area = 0;
  for (let dy = -radius; dy <= radius; dy++) area += 2 * halfWidth(radius, dy) + 1;
  return area;
}

/** Weights at distances 0, 1 and 2: three taps, of the largest disks five. */
function softEdge(radius: number, softness: number): readonly [number, number, number] {
  const side = Math.exp(-1 / (2 * softness ** 2));
  const far = radius > GRID ? Math.exp(-4 / (2 * softness ** 2)) : 0;
  const sum = 1 + 2 * side + 2 * far;
  return [1 / sum, side / sum, far / sum];
}

/** Entry x + pad holds the sum of the row up to but without pixel x, channels side by side; the border mirrors (`reflect101`). */
function runningSums(data: Uint8Array, from: number, width: number, pad: number, into: Int32Array): void {
  let red = 0;
  let green = 0;
  let blue = 0;
  for (let x = -pad, i = 3; x < width + pad; x++, i += 3) {
    const at = from + 3 * (x >= 0 && x < width ? x : borderIndex("reflect101", x, width));
    into[i] = red += data[at]!;
    into[i + 1] = green += data[at + 1]!;
    into[i + 2] = blue += data[at + 2]!;
  }
}

type Rows = (y: number) => Int32Array;

/** Sums over the disk around every pixel of row y. */
function diskSums(sums: Rows, y: number, { width, height }: Pixels, radius: number, into: Int32Array): void {
  const row = (dy: number): Int32Array => sums(borderIndex("reflect101", y + dy, height));
  const pad = radius + 1;
  into.fill(0);
  addRuns(row(0), row(0), pad, radius, into, 3 * width);
  for (let i = 0; i < into.length; i++) into[i] = into[i]! >> 1;
  for (let dy = 1; dy <= radius; dy++)
    addRuns(row(-dy), row(dy), pad, halfWidth(radius, dy), into, 3 * width);
}

/** Adds the sums over 2 * `half` + 1 pixels of two rows. */
function addRuns(
  a: Int32Array,
  b: Int32Array,
  pad: number,
  half: number,
  into: Int32Array,
  length: number,
): void {
  const end = 3 * (pad + half + 1);
  const start = 3 * (pad - half);
  for (let i = 0; i < length; i++)
    into[i] = into[i]! + a[i + end]! - a[i + start]! + b[i + end]! - b[i + start]!;
}

function softenDown(
  disks: Rows,
  y: number,
  height: number,
  [middle, side, far]: readonly [number, number, number],
  into: Float64Array,
): void {
  const row = (dy: number): Int32Array => disks(borderIndex("reflect101", y + dy, height));
  const [a, b, c, d, e] = [row(-2), row(-1), row(0), row(1), row(2)];
  const { length } = c;
  for (let i = 0; i < length; i++)
    into[i + 6] = middle * c[i]! + side * (b[i]! + d[i]!) + far * (a[i]! + e[i]!);
  for (let c = 0; c < 3; c++) {
    into[3 + c] = into[9 + c]!;
    into[c] = into[12 + c]!;
    into[length + 6 + c] = into[length + c]!;
    into[length + 9 + c] = into[length - 3 + c]!;
  }
}

function softenAlong(
  row: Float64Array,
  [middle, side, far]: readonly [number, number, number],
  area: number,
  extra: Float64Array,
  out: Uint8Array,
  to: number,
): void {
  for (let i = 0; i < extra.length; i++) {
    const sum = middle * row[i + 6]! + side * (row[i + 3]! + row[i + 9]!) + far * (row[i]! + row[i + 12]!);
    out[to + i] = toByte((sum + extra[i]!) / area);
  }
}

/**
 * What the reference's softening adds where the disk touches the border of its grid, at its four tips: the border mirrors, so that
 * the row before the last counts again beyond the last, and what softens over the border is lost. The picture gets brighter by
 * 1 %. Rows are to be asked for in order. (Weights at distance 2 and softening along the tips are left out: 0.03 grey levels.)
 */
function tipSums(sums: Rows, { width, height }: Pixels, radius: number, side: number) {
  const length = 3 * width;
  const half = halfWidth(radius, radius - 1);
  const pad = radius + 1;
  const row = (y: number): Int32Array => sums(borderIndex("reflect101", y, height));
  const extra = new Float64Array(length);
  const down = new Int32Array(3 * (width + 2 * pad + 1));
  const add = (y: number, sign: number): void => {
    const values = row(y);
    for (let i = 0; i < down.length; i++) down[i] = down[i]! + sign * values[i]!;
  };
  for (let dy = -half; dy < half; dy++) add(dy - 1, 1);
  add(half - 1, 1);
  return (y: number): Float64Array => {
    add(y + half, 1);
    add(y - 1 - half, -1);
    const [above, below, here] = [row(y - radius), row(y + radius), row(y)];
    const [farAbove, farBelow] = [row(y - radius - 1), row(y + radius + 1)];
    const end = 3 * (pad + half + 1);
    const start = 3 * (pad - half);
    for (let i = 0; i < length; i++) {
      const rows = above[i + end]! - above[i + start]! + below[i + end]! - below[i + start]!;
      const columns = down[i + 6]! - down[i + 3]! + down[i + 6 * pad]! - down[i + 6 * pad - 3]!;
      const centre = i + 3 * pad;
      const lostRows = farAbove[centre + 3]! - farAbove[centre]! + farBelow[centre + 3]! - farBelow[centre]!;
      const lostColumns = here[i + 3]! - here[i]! + here[i + 6 * pad + 3]! - here[i + 6 * pad]!;
      extra[i] = side * (rows + columns - lostRows - lostColumns);
    }
    return extra;
  };
}
