// The matrix of a resampling along one axis: what ONNX Runtime's Resize does to a line of pixels, written out.
// ONNX Resize 19: coordinate_transformation_mode, nearest_mode, cubic_coeff_a, exclude_outside, antialias.
// Single-precision arithmetic where rounding decides which pixel is taken.

export interface Interpolation {
  readonly mode: "nearest" | "linear" | "cubic";
  readonly coordinates: string;
  readonly nearestMode: string;
  readonly cubicCoefficient: number;
  readonly excludeOutside: boolean;
  readonly antialias: boolean;
}

/** One axis: sizes before and after, the scale that maps coordinates, the region of tf_crop_and_resize. */
export interface ResizedAxis {
  readonly from: number;
  readonly to: number;
  readonly scale: number;
  readonly roi: readonly [number, number];
}

/** A row of the matrix: [source position, weight], positions inside the axis. */
type Taps = readonly (readonly [number, number])[];

/** `to` × `from` weights, row-major: output = matrix · input. */
export function resizeMatrix(axis: ResizedAxis, how: Interpolation): number[] {
  const matrix = new Array<number>(axis.to * axis.from).fill(0);
  for (let o = 0; o < axis.to; o++) {
    for (const [position, weight] of tapsOf(axis, o, how)) {
      matrix[o * axis.from + position] = (matrix[o * axis.from + position] as number) + weight;
    }
  }
  return matrix;
}

const f = Math.fround;

type Coordinate = (o: number, axis: ResizedAxis) => number;

const halfPixel: Coordinate = (o, { scale }) => f(f(f(o + 0.5) / scale) - 0.5);

/** Position in the input of an output position, by coordinate_transformation_mode. */
const COORDINATES: Readonly<Record<string, Coordinate>> = {
  half_pixel: halfPixel,
  asymmetric: (o, { scale }) => f(o / scale),
  pytorch_half_pixel: (o, axis) => (axis.to > 1 ? halfPixel(o, axis) : 0),
  align_corners: (o, { from, to }) => (to === 1 ? 0 : f(f(o * (from - 1)) / (to - 1))),
  half_pixel_symmetric: (o, axis) => {
    const { from, to, scale } = axis;
    const adjustment = f(to / f(scale * from));
    return f(f((from / 2) * (1 - adjustment)) + halfPixel(o, axis));
  },
  tf_half_pixel_for_nn: (o, { scale }) => f(f(o + 0.5) / scale),
  tf_crop_and_resize: (o, { from, to, roi: [start, end] }) =>
    to > 1
      ? f(f(start * (from - 1)) + f(f(o * f(end - start) * (from - 1)) / (to - 1)))
      : f(0.5 * f(start + end) * (from - 1)),
};

export const coordinateModes: ReadonlySet<string> = new Set(Object.keys(COORDINATES));

const NEAREST: Readonly<Record<string, (x: number) => number>> = {
  round_prefer_floor: (x) => Math.ceil(x - 0.5),
  round_prefer_ceil: (x) => Math.floor(x + 0.5),
  floor: Math.floor,
  ceil: Math.ceil,
};

function tapsOf(axis: ResizedAxis, o: number, how: Interpolation): Taps {
  const { from } = axis;
  const isCrop = how.coordinates === "tf_crop_and_resize";
  if (axis.scale === 1 && axis.from === axis.to && !isCrop) return [[o, 1]];
  const x = (COORDINATES[how.coordinates] as Coordinate)(o, axis);
  if (isCrop && (x < 0 || x > from - 1)) return [];
  if (how.antialias && how.mode !== "nearest") return antialiasTaps(axis, x, how);
  if (how.mode === "nearest")
    return [[clamp((NEAREST[how.nearestMode] as (x: number) => number)(x), from), 1]];
  return how.mode === "linear" ? linearTaps(x, from) : cubicTaps(x, from, how);
}

const clamp = (position: number, size: number): number => Math.min(Math.max(position, 0), size - 1);

function linearTaps(x: number, size: number): Taps {
  const inside = Math.min(Math.max(x, 0), size - 1);
  const low = Math.floor(inside);
  const share = inside - low;
  return share === 0
    ? [[low, 1]]
    : [
        [low, 1 - share],
        [low + 1, share],
      ];
}

/** Keys' cubic kernel with coefficient `a`. */
function cubicKernel(distance: number, a: number): number {
  const d = Math.abs(distance);
  if (d <= 1) return ((a + 2) * d - (a + 3)) * d * d + 1;
  return d < 2 ? ((a * d - 5 * a) * d + 8 * a) * d - 4 * a : 0;
}

function cubicTaps(x: number, size: number, how: Interpolation): Taps {
  const base = Math.floor(x);
  const taps = [-1, 0, 1, 2].map((k): [number, number] => [
    base + k,
    cubicKernel(x - base - k, how.cubicCoefficient),
  ]);
  return atEdges(taps, size, how.excludeOutside);
}

/** Taps outside the axis go to the edge, or are left out with the rest made to sum to one. */
function atEdges(taps: Taps, size: number, exclude: boolean): Taps {
  if (!exclude) return taps.map(([p, w]) => [clamp(p, size), w]);
  const inside = taps.filter(([p]) => p >= 0 && p < size);
  const sum = inside.reduce((s, [, w]) => s + w, 0);
  return inside.map(([p, w]) => [p, w / sum]);
}

/** When reducing, the kernel widens to the output's pixel; weights sum to one. As in Pillow. */
function antialiasTaps(axis: ResizedAxis, x: number, how: Interpolation): Taps {
  const widening = Math.max(1, 1 / axis.scale);
  const radius = (how.mode === "linear" ? 1 : 2) * widening;
  const kernel = (d: number) =>
    how.mode === "linear" ? Math.max(0, 1 - Math.abs(d)) : cubicKernel(d, how.cubicCoefficient);
  const low = Math.ceil(x - radius);
  const count = Math.floor(x + radius) - low + 1;
  const taps = Array.from({ length: count }, (_, k): [number, number] => [
    low + k,
    kernel((low + k - x) / widening),
  ]);
  const sum = taps.reduce((s, [, w]) => s + w, 0);
  const normal = taps.map(([p, w]): [number, number] => [p, w / sum]);
  return atEdges(normal, axis.from, how.excludeOutside);
}
