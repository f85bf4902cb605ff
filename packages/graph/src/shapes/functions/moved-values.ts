// Contents of small tensors through operators that only move them: every output element is some input element.
// Each rule says where an output element comes from; the walk over the output's indices is shared.
import { attr } from "../../model.ts";
import type { ShapeContext, ValueType } from "../value-type.ts";
import { padsOf, permutationOf, sliceRanges, splitSizes } from "./movement.ts";
import { axisOf, type Dims } from "./support.ts";
import type { ValueFunction } from "./values.ts";

export const stridesOf = (dims: Dims): number[] => {
  const strides = new Array<number>(dims.length).fill(1);
  for (let i = dims.length - 2; i >= 0; i--)
    strides[i] = (strides[i + 1] as number) * (dims[i + 1] as number);
  return strides;
};

/** Calls `visit` with every index of a tensor, in row-major order, and collects what it returns. */
function mapIndices<T>(dims: Dims, visit: (index: Dims) => T): T[] {
  const index = dims.map(() => 0);
  const results: T[] = [];
  const walk = (axis: number): void => {
    if (axis === dims.length) {
      results.push(visit(index));
      return;
    }
    for (let i = 0; i < (dims[axis] as number); i++) {
      index[axis] = i;
      walk(axis + 1);
    }
  };
  walk(0);
  return results;
}

const offsetOf = (index: Dims, strides: Dims): number =>
  index.reduce((offset, at, axis) => offset + at * (strides[axis] as number), 0);

const inputDims = ({ inputs }: ShapeContext, i: number): Dims => inputs[i]?.dims ?? [];

/** Contents as they are, in another shape. */
const same: ValueFunction = ([x]) => [x];

/** Output element at `index` is the input's at the index that `source` returns. */
const moved =
  (prepare: (context: ShapeContext, dims: Dims) => (index: Dims) => Dims): ValueFunction =>
  ([x = []], context, [out]) => {
    const dims = inputDims(context, 0);
    const strides = stridesOf(dims);
    const source = prepare(context, dims);
    return [mapIndices((out as ValueType).dims, (index) => x[offsetOf(source(index), strides)] as number)];
  };

const transpose = moved(({ node }, dims) => {
  const perm = permutationOf(node, dims.length);
  return (index) => dims.map((_, axis) => index[perm.indexOf(axis)] as number);
});

const slice = moved((context, dims) => {
  const ranges = sliceRanges(context, dims) ?? [];
  return (index) => index.map((at, axis) => (ranges[axis]?.start ?? 0) + at * (ranges[axis]?.step ?? 1));
});

/** Repeats along axes of size 1, and for Tile along all. */
const repeat = moved((_, dims) => (index) => {
  const added = index.length - dims.length;
  return dims.map((size, axis) => (index[axis + added] as number) % size);
});

const gather: ValueFunction = ([x = [], indices = []], context, [out]) => {
  const dims = inputDims(context, 0);
  const axis = axisOf(context.node, dims.length, 0);
  const strides = stridesOf(dims);
  const indexDims = inputDims(context, 1);
  const indexStrides = stridesOf(indexDims);
  const values = mapIndices((out as ValueType).dims, (index) => {
    const picked = indices[offsetOf(index.slice(axis, axis + indexDims.length), indexStrides)] as number;
    const at = picked < 0 ? picked + (dims[axis] as number) : picked;
    return x[
      offsetOf([...index.slice(0, axis), at, ...index.slice(axis + indexDims.length)], strides)
    ] as number;
  });
  return [values.includes(undefined as never) ? undefined : values];
};

const concat: ValueFunction = (values, context, [out]) => {
  const { dims } = out as ValueType;
  const axis = axisOf(context.node, dims.length, 1);
  const parts = values.flatMap((_, input) =>
    Array.from({ length: inputDims(context, input)[axis] as number }, (_, at) => ({ input, at })),
  );
  const strides = values.map((_, input) => stridesOf(inputDims(context, input)));
  return [
    mapIndices(dims, (index) => {
      const { input, at } = parts[index[axis] as number] as { input: number; at: number };
      const source = index.map((i, a) => (a === axis ? at : i));
      return values[input]?.[offsetOf(source, strides[input] as number[])] as number;
    }),
  ];
};

const split: ValueFunction = ([x = []], context, outputs) => {
  const dims = inputDims(context, 0);
  const axis = axisOf(context.node, dims.length, 0);
  const strides = stridesOf(dims);
  const sizes = splitSizes(context, dims[axis] as number) ?? [];
  let start = 0;
  return outputs.map((out, part) => {
    const begin = start;
    start += sizes[part] as number;
    return mapIndices(
      out.dims,
      (index) =>
        x[
          offsetOf(
            index.map((i, a) => (a === axis ? i + begin : i)),
            strides,
          )
        ] as number,
    );
  });
};

const pad: ValueFunction = ([x = [], , fill], context, [out]) => {
  if (attr.string(context.node, "mode", "constant") !== "constant") return [];
  const dims = inputDims(context, 0);
  const strides = stridesOf(dims);
  const pads = padsOf(context, dims.length) ?? [];
  const orElse = fill?.[0] ?? attr.float(context.node, "value", 0);
  return [
    mapIndices((out as ValueType).dims, (index) => {
      const source = index.map((i, axis) => i - (pads[axis]?.[0] ?? 0));
      const inside = source.every((i, axis) => i >= 0 && i < (dims[axis] as number));
      return inside ? (x[offsetOf(source, strides)] as number) : orElse;
    }),
  ];
};

const gatherElements: ValueFunction = ([x = [], indices = []], context, [out]) => {
  const dims = inputDims(context, 0);
  const axis = axisOf(context.node, dims.length, 0);
  const strides = stridesOf(dims);
  const places = mapIndices((out as ValueType).dims, (index) => [...index]);
  return [
    places.map((index, i) => {
      const picked = indices[i] as number;
      const at = picked < 0 ? picked + (dims[axis] as number) : picked;
      return x[
        offsetOf(
          index.map((v, a) => (a === axis ? at : v)),
          strides,
        )
      ] as number;
    }),
  ];
};

/** How ScatterND and ScatterElements combine an update with what is there. */
const COMBINE: Readonly<Record<string, (old: number, update: number) => number>> = {
  none: (_, update) => update,
  add: (old, update) => old + update,
  mul: (old, update) => old * update,
  max: Math.max,
  min: Math.min,
};

const scatterND: ValueFunction = ([x = [], indices = [], updates = []], context) => {
  const dims = inputDims(context, 0);
  const strides = stridesOf(dims);
  const depth = inputDims(context, 1).at(-1) as number;
  const block = strides[depth - 1] as number;
  const combine = COMBINE[attr.string(context.node, "reduction", "none")];
  if (combine === undefined) return [];
  const result = [...x];
  for (let row = 0; row * depth < indices.length; row++) {
    const index = indices.slice(row * depth, (row + 1) * depth);
    const front = index.map((i, axis) => (i < 0 ? i + (dims[axis] as number) : i));
    const start = offsetOf(front, strides);
    for (let i = 0; i < block; i++)
      result[start + i] = combine(result[start + i] as number, updates[row * block + i] as number);
  }
  return [result];
};

const scatterElements: ValueFunction = ([x = [], indices = [], updates = []], context) => {
  const dims = inputDims(context, 0);
  const axis = axisOf(context.node, dims.length, 0);
  const strides = stridesOf(dims);
  const combine = COMBINE[attr.string(context.node, "reduction", "none")];
  if (combine === undefined) return [];
  const result = [...x];
  mapIndices(inputDims(context, 1), (index) => [...index]).forEach((index, i) => {
    const picked = indices[i] as number;
    const at = picked < 0 ? picked + (dims[axis] as number) : picked;
    const target = offsetOf(
      index.map((v, a) => (a === axis ? at : v)),
      strides,
    );
    result[target] = combine(result[target] as number, updates[i] as number);
  });
  return [result];
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
