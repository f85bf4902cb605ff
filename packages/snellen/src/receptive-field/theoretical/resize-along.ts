// Which input cells a Resize reads along one axis, in single precision as ONNX Runtime computes it.
// ONNX Resize 19: coordinate_transformation_mode, nearest_mode, antialias, keep_aspect_ratio_policy, axes.
import { attr, type GraphBuilder, type Node } from "@snellen/graph";
import type { AlongAxis } from "./window-along.ts";

export interface Resampling {
  /** Input cells from one output cell to the next. */
  readonly ratio: number;
  readonly mode: string;
  /** First and last input cell that output cell `o` reads; beyond the borders they are the border's. */
  readonly span: (o: number) => readonly [number, number];
}

const f = Math.fround;

interface Sizes {
  readonly from: number;
  readonly to: number;
  readonly scale: number;
}

type Coordinate = (o: number, sizes: Sizes) => number;

const halfPixel: Coordinate = (o, { scale }) => f(f(f(o + 0.5) / scale) - 0.5);

const COORDINATES: Readonly<Record<string, Coordinate | undefined>> = {
  half_pixel: halfPixel,
  asymmetric: (o, { scale }) => f(o / scale),
  pytorch_half_pixel: (o, sizes) => (sizes.to > 1 ? halfPixel(o, sizes) : 0),
  align_corners: (o, { from, to }) => (to === 1 ? 0 : f(f(o * (from - 1)) / (to - 1))),
  half_pixel_symmetric: (o, sizes) => {
    const { from, to, scale } = sizes;
    return f(f((from / 2) * (1 - f(to / f(scale * from)))) + halfPixel(o, sizes));
  },
  tf_half_pixel_for_nn: (o, { scale }) => f(f(o + 0.5) / scale),
};

const NEAREST: Readonly<Record<string, (x: number) => number>> = {
  round_prefer_floor: (x) => Math.ceil(x - 0.5),
  round_prefer_ceil: (x) => Math.floor(x + 0.5),
  floor: Math.floor,
  ceil: Math.ceil,
};

/** Cells on either side that interpolation reads between two cells; on a cell it reads that one. */
const RADIUS: Readonly<Record<string, number>> = { linear: 1, cubic: 2 };

/** Undefined where what is read is not known before the run (regions, computed sizes). */
export function resamplingAlong({ b, node, axis, from, to }: AlongAxis): Resampling | undefined {
  const coordinate = COORDINATES[attr.string(node, "coordinate_transformation_mode", "half_pixel")];
  const scale = scaleAlong(b, node, axis, from, to);
  if (coordinate === undefined || scale === undefined) return undefined;
  const mode = attr.string(node, "mode", "nearest");
  if (scale === 1 && from === to) return { ratio: 1, mode, span: (o) => [o, o] };
  const sizes = { from, to, scale };
  const isAligned = attr.string(node, "coordinate_transformation_mode", "half_pixel") === "align_corners";
  const ratio = isAligned && to > 1 ? (from - 1) / (to - 1) : unrounded(sizes);
  const nearest = NEAREST[attr.string(node, "nearest_mode", "round_prefer_floor")] ?? Math.floor;
  const widening = attr.int(node, "antialias", 0) === 1 ? Math.max(1, 1 / scale) : 1;
  const radius = RADIUS[mode];
  return {
    ratio,
    mode,
    span(o) {
      const x = coordinate(o, sizes);
      if (radius === undefined) return [nearest(x), nearest(x)];
      if (widening > 1) return [Math.ceil(x - radius * widening), Math.floor(x + radius * widening)];
      return Number.isInteger(x) ? [x, x] : [Math.floor(x) - radius + 1, Math.floor(x) + radius];
    },
  };
}

/** The ratio of the sizes, unless the scale says another: single precision makes 1/3 inexact. */
const unrounded = ({ from, to, scale }: Sizes): number =>
  Math.abs(from / to - 1 / scale) * to < 1e-3 ? from / to : 1 / scale;

function scaleAlong(b: GraphBuilder, node: Node, axis: number, from: number, to: number): number | undefined {
  const dims = b.dims(node.inputs[0] as string);
  const axes = (attr.ints(node, "axes") ?? dims.map((_, i) => i)).map((a) => (a < 0 ? a + dims.length : a));
  const at = axes.indexOf(axis);
  if (at < 0) return 1;
  const listed = (input: number) => (node.inputs[input] ? b.constant(node.inputs[input]) : []);
  const [scales, wanted] = [listed(2), listed(3)];
  if (scales === undefined) return undefined;
  if (scales.length > 0) return f(scales[at] as number);
  const policy = attr.string(node, "keep_aspect_ratio_policy", "stretch");
  if (policy === "stretch") return f(to / from);
  const ratios = wanted?.map((size, i) => size / (dims[axes[i] as number] as number));
  if (ratios === undefined) return undefined;
  return f(policy === "not_larger" ? Math.min(...ratios) : Math.max(...ratios));
}
