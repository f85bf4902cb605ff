// Shapes of operators that rearrange: reshaping, transposing, joining, cutting, repeating, padding.
// ONNX: Reshape 14 (allowzero), Split 18 (num_outputs), Slice 13, Pad 19 (axes).
import { attr, type Node } from "../../model.ts";
import type { ShapeContext, ValueType } from "../value-type.ts";
import {
  axisOf,
  broadcast,
  type Dims,
  frontAxis,
  given,
  isPresent,
  likeFirst,
  listOf,
  mismatch,
  type Outputs,
  product,
  type ShapeTable,
  show,
  UNKNOWN,
} from "./support.ts";

/** The shape argument of Reshape made concrete: 0 copies (unless `allowzero`), -1 is what remains. */
function reshapedDims(node: Node, from: Dims, shape: Dims, allowZero: boolean): Dims {
  const copied = shape.map((d, axis) => (d === 0 && !allowZero ? (from[axis] ?? 0) : d));
  const total = product(from);
  const known = product(copied.filter((d) => d !== -1));
  const dims = copied.map((d) => (d === -1 ? (known === 0 ? 0 : total / known) : d));
  if (product(dims) !== total || !dims.every(Number.isInteger))
    throw mismatch(node, `cannot reshape ${show(from)} to ${show(shape)}.`);
  return dims;
}

const reshape = given(1, (context, x) => {
  const shape = listOf(context, 1, "shape");
  if (shape === undefined || shape === "absent") return UNKNOWN;
  const allowZero = attr.int(context.node, "allowzero", 0) === 1;
  return [{ dataType: x.dataType, dims: reshapedDims(context.node, x.dims, shape, allowZero) }];
});

const flatten = given(1, ({ node }, x) => {
  const rank = x.dims.length;
  const axis = attr.int(node, "axis", 1);
  const cut = axis < 0 ? axis + rank : axis;
  return [{ dataType: x.dataType, dims: [product(x.dims.slice(0, cut)), product(x.dims.slice(cut))] }];
});

/** The permutation of a Transpose; by default the axes are reversed. */
export const permutationOf = (node: Node, rank: number): Dims =>
  attr.ints(node, "perm") ?? Array.from({ length: rank }, (_, i) => rank - 1 - i);

const transpose = given(1, ({ node }, x) => {
  const perm = permutationOf(node, x.dims.length);
  if (perm.length !== x.dims.length) throw mismatch(node, `permutation ${show(perm)} of ${show(x.dims)}.`);
  return [{ dataType: x.dataType, dims: perm.map((axis) => x.dims[axis] as number) }];
});

/** Concat; a standard node always has `axis`. */
export const concat = ({ node, inputs }: ShapeContext): Outputs => {
  const [first] = inputs;
  if (first === undefined || inputs.includes(undefined)) return UNKNOWN;
  const types = inputs as readonly ValueType[];
  const axis = axisOf(node, first.dims.length, 1);
  const fits = types.every(
    ({ dims }) =>
      dims.length === first.dims.length && dims.every((d, i) => i === axis || d === first.dims[i]),
  );
  if (!fits)
    throw mismatch(node, `cannot join ${types.map((t) => show(t.dims)).join(", ")} along axis ${axis}.`);
  const size = types.reduce((sum, { dims }) => sum + (dims[axis] as number), 0);
  return [{ dataType: first.dataType, dims: first.dims.map((d, i) => (i === axis ? size : d)) }];
};

/** Sizes of a Split's parts: as given, or equal ones of which the last may be smaller. */
export function splitSizes(context: ShapeContext, size: number): Dims | undefined {
  const given = listOf(context, 1, "split");
  if (given !== "absent") return given;
  const parts = attr.int(context.node, "num_outputs", context.node.outputs.length);
  const each = Math.ceil(size / parts);
  return Array.from({ length: parts }, (_, i) => (i < parts - 1 ? each : size - each * (parts - 1)));
}

const split = given(1, (context, x) => {
  const { node } = context;
  const axis = axisOf(node, x.dims.length, 0);
  const sizes = splitSizes(context, x.dims[axis] as number);
  if (sizes === undefined) return UNKNOWN;
  const sum = sizes.reduce((a, b) => a + b, 0);
  if (sum !== x.dims[axis]) throw mismatch(node, `parts ${show(sizes)} of axis ${axis} of ${show(x.dims)}.`);
  return sizes.map((size) => ({ dataType: x.dataType, dims: x.dims.map((d, i) => (i === axis ? size : d)) }));
});

export interface SliceRange {
  readonly start: number;
  readonly step: number;
  readonly count: number;
}

/** What a Slice takes of each axis; undefined when its arguments are not known. */
export function sliceRanges(context: ShapeContext, dims: Dims): SliceRange[] | undefined {
  const { node } = context;
  const starts = listOf(context, 1, "starts");
  const ends = listOf(context, 2, "ends");
  const axes = listOf(context, 3, "axes");
  const steps = listOf(context, 4, "steps");
  if (!Array.isArray(starts) || !Array.isArray(ends) || axes === undefined || steps === undefined)
    return undefined;
  const ranges = dims.map((count): SliceRange => ({ start: 0, step: 1, count }));
  starts.forEach((start: number, i: number) => {
    const axis = frontAxis(node, axes === "absent" ? i : (axes[i] as number), dims.length);
    const step = steps === "absent" ? 1 : (steps[i] as number);
    ranges[axis] = sliceRange(dims[axis] as number, start, ends[i] as number, step);
  });
  return ranges;
}

function sliceRange(size: number, start: number, end: number, step: number): SliceRange {
  const clamp = (x: number, low: number, high: number) => Math.min(Math.max(x, low), high);
  const [low, high] = step > 0 ? [0, size] : [-1, size - 1];
  const from = clamp(start < 0 ? start + size : start, step > 0 ? 0 : Math.min(0, high), high);
  const to = clamp(end < 0 ? end + size : end, low, step > 0 ? high : size);
  return { start: from, step, count: Math.max(0, Math.ceil((to - from) / step)) };
}

const slice = given(1, (context, x) => {
  const ranges = sliceRanges(context, x.dims);
  return ranges === undefined ? UNKNOWN : [{ dataType: x.dataType, dims: ranges.map((r) => r.count) }];
});

const squeeze = given(1, (context, x) => {
  const axes = listOf(context, 1, "axes");
  if (axes === undefined) return UNKNOWN;
  const dropped =
    axes === "absent"
      ? x.dims.flatMap((d, i) => (d === 1 ? [i] : []))
      : axes.map((a) => frontAxis(context.node, a, x.dims.length));
  if (dropped.some((axis) => x.dims[axis] !== 1))
    throw mismatch(context.node, `cannot squeeze axes ${show(dropped)} of ${show(x.dims)}.`);
  return [{ dataType: x.dataType, dims: x.dims.filter((_, i) => !dropped.includes(i)) }];
});

const unsqueeze = given(1, (context, x) => {
  const axes = listOf(context, 1, "axes");
  if (axes === undefined || axes === "absent") return UNKNOWN;
  const rank = x.dims.length + axes.length;
  const added = new Set(axes.map((a) => frontAxis(context.node, a, rank)));
  const rest = [...x.dims];
  const dims = Array.from({ length: rank }, (_, i) => (added.has(i) ? 1 : (rest.shift() as number)));
  return [{ dataType: x.dataType, dims }];
});

const expand = given(2, ({ node }, x, shape) =>
  shape.value === undefined
    ? UNKNOWN
    : [{ dataType: x.dataType, dims: broadcast(node, [x.dims, shape.value]) }],
);

const tile = given(2, (_, x, repeats) =>
  repeats.value === undefined
    ? UNKNOWN
    : [{ dataType: x.dataType, dims: x.dims.map((d, i) => d * (repeats.value?.[i] ?? 1)) }],
);

/** Pads of every axis, [beginning, end]; negative ones crop. */
export function padsOf(context: ShapeContext, rank: number): (readonly [number, number])[] | undefined {
  const pads = listOf(context, 1, attr.has(context.node, "paddings") ? "paddings" : "pads");
  if (pads === undefined || pads === "absent") return undefined;
  if (isPresent(context, 3) && context.inputs[3]?.value === undefined) return undefined;
  const axes = context.inputs[3]?.value ?? Array.from({ length: rank }, (_, i) => i);
  const all = Array.from({ length: rank }, (): readonly [number, number] => [0, 0]);
  axes.forEach((axis, i) => {
    all[frontAxis(context.node, axis, rank)] = [pads[i] as number, pads[i + axes.length] as number];
  });
  return all;
}

const pad = given(1, (context, x) => {
  const pads = padsOf(context, x.dims.length);
  if (pads === undefined) return UNKNOWN;
  return [
    { dataType: x.dataType, dims: x.dims.map((d, i) => d + (pads[i]?.[0] ?? 0) + (pads[i]?.[1] ?? 0)) },
  ];
});

export const movement: ShapeTable = {
  Reshape: reshape,
  Flatten: flatten,
  Transpose: transpose,
  Concat: concat,
  Split: split,
  Slice: slice,
  Squeeze: squeeze,
  Unsqueeze: unsqueeze,
  Expand: expand,
  Tile: tile,
  Pad: pad,
  Trilu: likeFirst,
  ReverseSequence: likeFirst,
};
