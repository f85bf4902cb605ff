// Contents of small tensors through operators that only move them: every output element is some input element.
// A rule lists, per output axis, how far each index moves into the input; the sums of these are the places to read.
import { attr } from "../../model.ts";
import type { ShapeContext, ValueType } from "../value-type.ts";
import { padsOf, permutationOf, sliceRanges, splitSizes } from "./movement.ts";
import { axisOf, type Dims, product } from "./support.ts";
import type { ValueFunction } from "./values.ts";

/** All sums of one number from each list, the last list varying fastest. */
function outerSum(lists: readonly (readonly number[])[]): number[] {
  let sums = [0];
  for (const list of lists) {
    const longer: number[] = [];
    for (const sum of sums) for (const step of list) longer.push(sum + step);
    sums = longer;
  }
  return sums;
}

export const stridesOf = (dims: Dims): number[] => {
  const strides = new Array<number>(dims.length).fill(1);
  for (let i = dims.length - 2; i >= 0; i--)
    strides[i] = (strides[i + 1] as number) * (dims[i + 1] as number);
  return strides;
};

const ramp = (count: number, step: number, start = 0): number[] =>
  Array.from({ length: count }, (_, i) => start + i * step);

/** Offsets along each axis of a tensor, in its own order. */
const ramps = (dims: Dims): number[][] => {
  const strides = stridesOf(dims);
  return dims.map((size, axis) => ramp(size, strides[axis] as number));
};

/** For each element of the output, where it lies in an input that is broadcast to it (or repeated, for Tile). */
export function broadcastOffsets(from: Dims, to: Dims): number[] {
  const strides = stridesOf(from);
  return outerSum(
    to.map((size, i) => {
      const axis = i - to.length + from.length;
      if (axis < 0) return new Array<number>(size).fill(0);
      return Array.from(
        { length: size },
        (_, at) => (at % (from[axis] as number)) * (strides[axis] as number),
      );
    }),
  );
}

const dimsOf = ({ inputs }: ShapeContext, i: number): Dims => inputs[i]?.dims ?? [];

/** Contents as they are, in another shape. */
const same: ValueFunction = ([x]) => [x];

/** A rule in terms of `outerSum`'s lists. */
const moved =
  (lists: (context: ShapeContext, dims: Dims, out: Dims) => readonly (readonly number[])[]): ValueFunction =>
  ([x = []], context, [out]) => {
    const from = outerSum(lists(context, dimsOf(context, 0), (out as ValueType).dims));
    return [from.map((offset) => x[offset] as number)];
  };

const transpose = moved(({ node }, dims) => {
  const axes = ramps(dims);
  return permutationOf(node, dims.length).map((axis) => axes[axis] as number[]);
});

const slice = moved((context, dims) => {
  const strides = stridesOf(dims);
  return (sliceRanges(context, dims) ?? []).map(({ start, step, count }, axis) =>
    ramp(count, step * (strides[axis] as number), start * (strides[axis] as number)),
  );
});

const repeat: ValueFunction = ([x = []], context, [out]) => [
  broadcastOffsets(dimsOf(context, 0), (out as ValueType).dims).map((offset) => x[offset] as number),
];

const front = (index: number, size: number): number => (index < 0 ? index + size : index);

const gather: ValueFunction = ([x = [], indices = []], context) => {
  const dims = dimsOf(context, 0);
  const axis = axisOf(context.node, dims.length, 0);
  const size = dims[axis] as number;
  const lists: number[][] = ramps(dims);
  const picked = indices.map((i) => front(i, size));
  if (picked.some((i) => i < 0 || i >= size)) return [];
  lists[axis] = picked.map((i) => i * product(dims.slice(axis + 1)));
  return [outerSum(lists).map((offset) => x[offset] as number)];
};

const concat: ValueFunction = (values, context, [out]) => {
  const { dims } = out as ValueType;
  const axis = axisOf(context.node, dims.length, 1);
  const blocks = values.map((_, input) => product(dimsOf(context, input).slice(axis)));
  const rows = product(dims.slice(0, axis));
  return [
    Array.from({ length: rows }, (_, row) =>
      values.flatMap((x, input) => {
        const block = blocks[input] as number;
        return x.slice(row * block, (row + 1) * block);
      }),
    ).flat(),
  ];
};

const split: ValueFunction = ([x = []], context) => {
  const dims = dimsOf(context, 0);
  const axis = axisOf(context.node, dims.length, 0);
  let start = 0;
  return (splitSizes(context, dims[axis] as number) ?? []).map((size) => {
    const lists = ramps(dims);
    lists[axis] = (lists[axis] as number[]).slice(start, start + size);
    start += size;
    return outerSum(lists).map((offset) => x[offset] as number);
  });
};

/** Places outside the input read NaN's place: nowhere. */
const pad: ValueFunction = ([x = [], , fill], context, [out]) => {
  if (attr.string(context.node, "mode", "constant") !== "constant") return [];
  const dims = dimsOf(context, 0);
  const strides = stridesOf(dims);
  const pads = padsOf(context, dims.length) ?? [];
  const orElse = fill?.[0] ?? attr.float(context.node, "value", 0);
  const lists = (out as ValueType).dims.map((size, axis) =>
    ramp(size, 1, -(pads[axis]?.[0] as number)).map((at) =>
      at >= 0 && at < (dims[axis] as number) ? at * (strides[axis] as number) : Number.NaN,
    ),
  );
  return [outerSum(lists).map((offset) => x[offset] ?? orElse)];
};

/** Where GatherElements and ScatterElements look: the index's own place, but moved along the axis. */
function elementOffsets(indices: readonly number[], context: ShapeContext): number[] {
  const dims = dimsOf(context, 0);
  const axis = axisOf(context.node, dims.length, 0);
  const strides = stridesOf(dims);
  const lists = dimsOf(context, 1).map((size, a) => ramp(size, a === axis ? 0 : (strides[a] as number)));
  const size = dims[axis] as number;
  return outerSum(lists).map(
    (offset, i) => offset + front(indices[i] as number, size) * (strides[axis] as number),
  );
}

const gatherElements: ValueFunction = ([x = [], indices = []], context) => [
  elementOffsets(indices, context).map((offset) => x[offset] as number),
];

/** How ScatterND and ScatterElements combine an update with what is there. */
const COMBINE: Readonly<Record<string, (old: number, update: number) => number>> = {
  none: (_, update) => update,
  add: (old, update) => old + update,
  mul: (old, update) => old * update,
  max: Math.max,
  min: Math.min,
};

function scatter(
  { node }: ShapeContext,
  x: readonly number[],
  places: readonly number[],
  updates: readonly number[],
) {
  const combine = COMBINE[attr.string(node, "reduction", "none")];
  if (combine === undefined) return [];
  const result = [...x];
  places.forEach((place, i) => {
    result[place] = combine(result[place] as number, updates[i] as number);
  });
  return [result];
}

const scatterElements: ValueFunction = ([x = [], indices = [], updates = []], context) =>
  scatter(context, x, elementOffsets(indices, context), updates);

const scatterND: ValueFunction = ([x = [], indices = [], updates = []], context) => {
  const dims = dimsOf(context, 0);
  const strides = stridesOf(dims);
  const depth = dimsOf(context, 1).at(-1) as number;
  const block = ramp(product(dims.slice(depth)), 1);
  const starts = ramp(indices.length / depth, depth).map((row) =>
    strides
      .slice(0, depth)
      .reduce((sum, stride, a) => sum + stride * front(indices[row + a] as number, dims[a] as number), 0),
  );
  return scatter(context, x, outerSum([starts, block]), updates);
};

export const movedContents: Readonly<Record<string, ValueFunction>> = {
  Identity: same,
  Reshape: same,
  Flatten: same,
  Squeeze: same,
  Unsqueeze: same,
  Transpose: transpose,
  Slice: slice,
  Expand: repeat,
  Tile: repeat,
  Gather: gather,
  GatherElements: gatherElements,
  Concat: concat,
  Split: split,
  Pad: pad,
  ScatterND: scatterND,
  ScatterElements: scatterElements,
};
