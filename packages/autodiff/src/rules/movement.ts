// Gradients of operators that rearrange, cut, join, repeat and pad: each is the transposed move, and none depends on values.
import { attr, BATCH, type GraphBuilder, UnsupportedError } from "@snellen/graph";
import { reshapeLike, shapeOf } from "../broadcast.ts";
import { add, padAxes, zerosLike } from "../emit.ts";
import { type Rule, type RuleContext, unary } from "../rule.ts";
import { scatterAlong } from "../scatter.ts";

const frontAxis = (axis: number, rank: number): number => (axis < 0 ? axis + rank : axis);

const reshaped = unary(({ b, x, dy }) => reshapeLike(b, dy, x));
export const Reshape = reshaped;
export const Flatten = reshaped;
export const Squeeze = reshaped;
export const Unsqueeze = reshaped;

// The inverse permutation
export const Transpose = unary(({ b, node, x, dy }) => {
  const axes = [...Array(b.rank(x)).keys()];
  const perm = attr.ints(node, "perm") ?? axes.toReversed();
  return b.op("Transpose", [dy], { perm: axes.map((axis) => perm.indexOf(axis)) });
});

/** What the walk sums away again: the gradient is as large as the output. */
export const Expand = unary(({ dy }) => dy);

// Each input gets its part; one part alone is cut out without copying the others.
export const Concat: Rule = ({ b, node, x, dy, needs }) => {
  const axis = frontAxis(attr.int(node, "axis"), b.rank(dy));
  const sizes = x.map((value) => b.dims(value)[axis] as number);
  const wanted = x.flatMap((_, i) => (needs(i) ? [i] : []));
  const isFixed = !sizes.includes(BATCH);
  if (isFixed && wanted.length === 1) {
    const [i] = wanted as [number];
    const start = sizes.slice(0, i).reduce((a, c) => a + c, 0);
    const part = sliceAxis(b, dy, axis, start, start + (sizes[i] as number));
    return x.map((_, j) => (j === i ? part : null));
  }
  const lengths = isFixed
    ? b.ints(sizes)
    : b.op(
        "Concat",
        x.map((value) => b.op("Shape", [value], { start: axis, end: axis + 1 })),
        { axis: 0 },
      );
  const parts = b.ops("Split", [dy, lengths], x.length, { axis });
  return x.map((_, i) => parts[i] as string);
};

// Outputs that nothing reads contribute zeros.
export const Split: Rule = ({ b, node, y, dys }) => {
  const parts = dys.map((dy, i) => dy ?? zerosLike(b, y[i] as string));
  return [
    parts.length === 1 ? (parts[0] as string) : b.op("Concat", parts, { axis: attr.int(node, "axis", 0) }),
  ];
};

const sliceAxis = (b: GraphBuilder, value: string, axis: number, start: number, end: number): string =>
  b.op("Slice", [value, b.ints([start]), b.ints([end]), b.ints([axis])]);

/** What a Slice takes of one axis whose size is fixed: `count` elements from `start`, `step` apart. */
interface Range {
  readonly axis: number;
  readonly size: number;
  readonly start: number;
  readonly step: number;
  readonly count: number;
}

// Zeros around what was taken, and between where the step is not one.
export const Slice: Rule = (c) => {
  const ranges = constantRanges(c);
  if (ranges === undefined) return [scatterSlice(c)];
  const { b, dy } = c;
  const backwards = ranges.filter((r) => r.step < 0);
  const forwards = ranges.map((r) =>
    r.step > 0 ? r : { ...r, start: r.start + (r.count - 1) * r.step, step: -r.step },
  );
  const spread = spreadBySteps(
    b,
    flip(
      b,
      dy,
      backwards.map((r) => r.axis),
    ),
    forwards,
  );
  const pads = forwards.map((r) => [r.axis, [r.start, r.size - r.start - r.count * r.step]] as const);
  return [padAxes(b, spread, new Map(pads))];
};

/** The ranges of a Slice with constant arguments on axes that do not follow the batch. */
function constantRanges({ b, x, y }: RuleContext): Range[] | undefined {
  const dims = b.dims(x[0] as string);
  const [starts, ends] = [b.constant(x[1] as string), b.constant(x[2] as string)];
  const axes = x[3] ? b.constant(x[3]) : starts?.map((_, i) => i);
  const steps = x[4] ? b.constant(x[4]) : starts?.map(() => 1);
  if (starts === undefined || ends === undefined || axes === undefined || steps === undefined)
    return undefined;
  const ranges = axes.flatMap((given, i): Range[] => {
    const axis = frontAxis(given, dims.length);
    const [size, step] = [dims[axis] as number, steps[i] as number];
    if (step === 1 && isWhole(b, x[0] as string, y[0] as string, axis)) return [];
    const from = starts[i] as number;
    const start = Math.min(Math.max(from < 0 ? from + size : from, 0), step > 0 ? size : size - 1);
    return [{ axis, size, start, step, count: b.dims(y[0] as string)[axis] as number }];
  });
  return ranges.some((r) => r.size === BATCH) ? undefined : ranges;
}

const isWhole = (b: GraphBuilder, x: string, y: string, axis: number): boolean =>
  b.shapes.probes.every((probe) => probe.get(x)?.dims[axis] === probe.get(y)?.dims[axis]);

function flip(b: GraphBuilder, value: string, axes: readonly number[]): string {
  if (axes.length === 0) return value;
  const all = (n: number) => b.ints(axes.map(() => n));
  return b.op("Slice", [value, all(-1), all(Number.MIN_SAFE_INTEGER), b.ints(axes), all(-1)]);
}

/** Puts step − 1 zeros behind every element: an axis of that size is added, padded and merged. */
function spreadBySteps(b: GraphBuilder, value: string, ranges: readonly Range[]): string {
  const stepped = ranges.filter((r) => r.step > 1).sort((p, q) => p.axis - q.axis);
  if (stepped.length === 0) return value;
  const added = stepped.map((r, i) => r.axis + 1 + i);
  const padded = padAxes(
    b,
    b.op("Unsqueeze", [value, b.ints(added)]),
    new Map(stepped.map((r, i) => [added[i] as number, [0, r.step - 1]])),
  );
  const stepOf = (axis: number) => stepped.find((r) => r.axis === axis)?.step ?? 1;
  const dims = b.dims(value).map((d, axis) => (d === BATCH ? BATCH : d * stepOf(axis)));
  return b.op("Reshape", [padded, shapeFrom(b, dims, value)]);
}

/** A shape whose open axes are those of `like`. */
function shapeFrom(b: GraphBuilder, dims: readonly number[], like: string): string {
  if (dims.filter((d) => d === BATCH).length <= 1) return b.ints(dims);
  const parts = dims.map((d, axis) =>
    d === BATCH ? b.op("Shape", [like], { start: axis, end: axis + 1 }) : b.ints([d]),
  );
  return b.op("Concat", parts, { axis: 0 });
}

/** A Slice whose places are known while running only: they are sliced out of 0, 1, 2, … and scattered to, axis by axis. */
function scatterSlice({ b, x, dy }: RuleContext): string {
  const [value, starts, ends] = x as [string, string, string];
  const rank = b.rank(value);
  const axes = x[3] ? b.constant(x[3]) : [...Array(b.dims(starts)[0]).keys()];
  if (axes === undefined) throw computed("Slice", value, "axes");
  const zero = b.ints([0]);
  let gradient = dy;
  axes.forEach((given, i) => {
    const axis = frontAxis(given, rank);
    const pick = (list: string) => b.op("Slice", [list, b.ints([i]), b.ints([i + 1])]);
    const size = b.op("Shape", [value], { start: axis, end: axis + 1 });
    const places = b.op("Range", [scalarInt(b, 0), b.op("Squeeze", [size, zero]), scalarInt(b, 1)]);
    const step = x[4] ? [pick(x[4])] : [];
    const taken = b.op("Slice", [places, pick(starts), pick(ends), zero, ...step]);
    gradient = scatterAlong(b, gradient, taken, axis, size, b.dims(value)[axis] as number);
  });
  return gradient;
}

const scalarInt = (b: GraphBuilder, value: number): string => b.op("Squeeze", [b.ints([value]), b.ints([0])]);

const computed = (operator: string, value: string, what: string): UnsupportedError =>
  new UnsupportedError(`computed-${what}`, `the ${what} are computed, not a constant.`, {
    where: `${operator} of "${value}"`,
    hint: `Export the model with constant ${what}.`,
  });

// Copies are summed: axes [d] seen as [repeats, d].
export const Tile: Rule = ({ b, x, y, dy }) => {
  const value = x[0] as string;
  const repeats = repeatsOf(b, value, y[0] as string);
  const dims = b.dims(value);
  const axes = repeats.flatMap((r, axis) => (r === 1 ? [] : [axis]));
  if (axes.length === 0) return [dy];
  const split = dims.flatMap((d, axis) => (axes.includes(axis) ? [repeats[axis] as number, d] : [d]));
  const summed = axes.map((axis, i) => axis + i);
  const shape =
    split.filter((d) => d === BATCH).length <= 1 ? b.ints(split) : splitShape(b, value, x[1] as string, axes);
  return [b.op("ReduceSum", [b.op("Reshape", [dy, shape]), b.ints(summed)], { keepdims: 0 })];
};

/** How often each axis is repeated; `BATCH` where that follows the batch. */
function repeatsOf(b: GraphBuilder, x: string, y: string): number[] {
  const perProbe = b.shapes.probes.map((probe) => {
    const from = probe.get(x)?.dims ?? [];
    return (probe.get(y)?.dims ?? []).map((d, axis) => d / (from[axis] as number));
  });
  return (perProbe[0] ?? []).map((r, axis) => (perProbe.every((p) => p[axis] === r) ? r : BATCH));
}

/** [repeats, size] in place of each of `axes`, where more than one of them is open. */
function splitShape(b: GraphBuilder, x: string, repeats: string, axes: readonly number[]): string {
  const at = (list: string, axis: number) => b.op("Slice", [list, b.ints([axis]), b.ints([axis + 1])]);
  const shape = b.op("Shape", [x]);
  const parts = b.dims(x).flatMap((_, axis) => {
    const size = at(shape, axis);
    return axes.includes(axis) ? [at(repeats, axis), size] : [size];
  });
  return b.op("Concat", parts, { axis: 0 });
}

// Zeros: what was added is cut off, what was cut comes back as zeros. Other modes fold what was added onto where it came from.
export const Pad: Rule = (c) => {
  const { b, node, x, dy, needs } = c;
  const [, pads, value, axes] = x as [string, string, string?, string?];
  const mode = attr.string(node, "mode", "constant");
  if (mode !== "constant") return [needs(0) ? foldPads(c, mode) : null];
  const back = unpadded(b, dy, pads, axes);
  const byValue = () => {
    const sum = (v: string) => b.op("ReduceSum", [v], { keepdims: 0 });
    return reshapeLike(b, b.op("Sub", [sum(dy), sum(back)]), value as string);
  };
  return [needs(0) ? back : null, null, value && needs(2) ? byValue() : null];
};

/** Pads the other way round. */
function unpadded(b: GraphBuilder, dy: string, pads: string, axes: string | undefined): string {
  const known = b.constant(pads);
  const onAxes = axes ? b.constant(axes) : [...Array(b.rank(dy)).keys()];
  if (known === undefined || onAxes === undefined) {
    return b.op("Pad", [dy, b.op("Neg", [pads]), "", ...(axes ? [axes] : [])]);
  }
  const count = onAxes.length;
  const ends = onAxes.map((axis, i) => {
    const both = [-(known[i] as number), -(known[i + count] as number)] as const;
    return [frontAxis(axis, b.rank(dy)), both] as const;
  });
  return padAxes(b, dy, new Map(ends));
}

/** Where the padding before and after an axis of `size` elements was read from, for each mode that copies. */
const SOURCES: Readonly<
  Record<string, (size: number, before: number, after: number) => readonly [number, number]>
> = {
  reflect: (size, _before, after) => [1, size - 1 - after],
  wrap: (size, before) => [size - before, 0],
  edge: (size) => [0, size - 1],
};

function foldPads({ b, x, dy }: RuleContext, mode: string): string {
  const value = x[0] as string;
  const rank = b.rank(value);
  const pads = b.constant(x[1] as string);
  const axes = x[3] ? b.constant(x[3]) : [...Array(rank).keys()];
  if (pads === undefined || axes === undefined) throw computed("Pad", value, "pads");
  return axes.reduce((gradient, axis, i) => {
    const [before, after] = [pads[i] as number, pads[i + axes.length] as number];
    return before === 0 && after === 0
      ? gradient
      : foldAxis(b, gradient, frontAxis(axis, rank), b.dims(value), before, after, mode);
  }, dy);
}

/** The gradient of one padded axis: its middle, and both ends moved to where they were copied from. */
function foldAxis(
  b: GraphBuilder,
  dy: string,
  axis: number,
  dims: readonly number[],
  before: number,
  after: number,
  mode: string,
): string {
  const size = dims[axis] as number;
  const sources = SOURCES[mode];
  const fits = mode === "edge" || Math.max(before, after) <= size;
  if (sources === undefined || size === BATCH || !fits) throw computed("Pad", dy, "pads");
  const total = size + before + after;
  const middle = padAxes(b, dy, new Map([[axis, [-before, -after]]]));
  const fold = (start: number, count: number, to: number): string[] => {
    if (count <= 0) return [];
    const end = sliceAxis(b, dy, axis, start, start + count);
    const moved = {
      reflect: () => flip(b, end, [axis]),
      wrap: () => end,
      edge: () => b.op("ReduceSum", [end, b.ints([axis])], { keepdims: 1 }),
    }[mode as "reflect" | "wrap" | "edge"]();
    const width = b.dims(moved)[axis] as number;
    return [padAxes(b, moved, new Map([[axis, [to, size - to - width]]]))];
  };
  const [first, last] = sources(size, before, after);
  return add(b, middle, ...fold(0, before, first), ...fold(total - after, after, last));
}

export const DepthToSpace = unary(({ b, node, x, dy }) => {
  const block = attr.int(node, "blocksize");
  if (attr.string(node, "mode", "DCR") === "DCR") return b.op("SpaceToDepth", [dy], { blocksize: block });
  const [batch, channels, height, width] = b.dims(x) as [number, number, number, number];
  if (height === BATCH || width === BATCH) throw computed("DepthToSpace", x, "sizes");
  const cells = b.op("Reshape", [
    dy,
    b.ints([batch === BATCH ? -1 : batch, channels / block ** 2, height, block, width, block]),
  ]);
  return reshapeLike(b, b.op("Transpose", [cells], { perm: [0, 1, 3, 5, 2, 4] }), x);
});
export const SpaceToDepth = unary(({ b, node, dy }) =>
  b.op("DepthToSpace", [dy], { blocksize: attr.int(node, "blocksize"), mode: "DCR" }),
);

// A mask: its own transpose
export const Trilu: Rule = ({ b, node, x, dy }) => [
  b.op("Trilu", x[1] ? [dy, x[1]] : [dy], { upper: attr.int(node, "upper", 1) }),
];

// Reversing twice is the identity.
export const ReverseSequence: Rule = ({ b, node, x, dy }) => [
  b.op("ReverseSequence", [dy, x[1] as string], {
    batch_axis: attr.int(node, "batch_axis", 1),
    time_axis: attr.int(node, "time_axis", 0),
  }),
];

// Crops where it padded, pads where it cropped.
export const CenterCropPad: Rule = ({ b, node, x, dy }) => {
  const axes = attr.ints(node, "axes");
  const shape = shapeOf(b, x[0] as string);
  const sizes = axes === undefined ? shape : b.op("Gather", [shape, b.ints(axes)]);
  return [b.op("CenterCropPad", [dy, sizes], { axes })];
};
