// Which axes of a value are the picture's: follows the image's rows and columns through the graph, as feature maps (NCHW or
// NHWC), as token sequences with class or register tokens in front, and as tokens flattened to rows. Derived here.
import { attr, type GraphBuilder, type Node } from "@snellen/graph";

/** Where space lies in a value. */
export interface SpatialLayout {
  /** `map`: two spatial axes; `tokens`: one axis of h·w tokens; `rows`: batch and tokens merged into axis 0. */
  readonly kind: "map" | "tokens" | "rows";
  /** Axis of rows for maps (columns are at `spatialAxes[1]`), the token axis otherwise. */
  readonly spatialAxes: readonly number[];
  readonly channelAxis: number;
  /** [rows, columns] of the grid. */
  readonly grid: readonly [number, number];
  /** Tokens before the grid (class and register tokens) and behind it. */
  readonly prefix: number;
  readonly suffix: number;
}

export type Layouts = ReadonlyMap<string, SpatialLayout>;

/** Layout of every value whose space is known, given that of the image input. */
export function followSpace(
  b: GraphBuilder,
  nodes: readonly Node[],
  image: string,
  layout: SpatialLayout,
): Layouts {
  const layouts = new Map<string, SpatialLayout>([[image, layout]]);
  for (const node of nodes) {
    if (!node.inputs.some((name) => layouts.has(name))) continue;
    node.outputs.forEach((name, i) => {
      if (name === "" || b.shapes.probes[0]?.has(name) !== true) return;
      const found = layoutOfOutput(b, node, i, layouts);
      if (found !== undefined && fits(found, b.dims(name))) layouts.set(name, found);
    });
  }
  return layouts;
}

/** A layout is only believed when its grid agrees with the dimensions. */
function fits(layout: SpatialLayout, dims: readonly number[]): boolean {
  const [h, w] = layout.grid;
  if (h < 1 || w < 1 || dims[layout.channelAxis] === undefined) return false;
  if (layout.kind === "map")
    return dims[layout.spatialAxes[0] as number] === h && dims[layout.spatialAxes[1] as number] === w;
  if (layout.kind === "rows") return true;
  return dims[layout.spatialAxes[0] as number] === layout.prefix + h * w + layout.suffix;
}

type Follow = (c: {
  b: GraphBuilder;
  node: Node;
  from: SpatialLayout;
  at: number;
  dims: readonly number[];
  output: number;
  layouts: Layouts;
}) => SpatialLayout | undefined;

function layoutOfOutput(
  b: GraphBuilder,
  node: Node,
  output: number,
  layouts: Layouts,
): SpatialLayout | undefined {
  const at = node.inputs.findIndex((name) => layouts.has(name));
  const from = layouts.get(node.inputs[at] as string) as SpatialLayout;
  const dims = b.dims(node.outputs[output] as string);
  const follow = FOLLOW[node.opType] ?? sameShape;
  return follow({ b, node, from, at, dims, output, layouts });
}

/** Element-wise operators and everything else that keeps the shape: the layout of the first input that has this shape. */
const sameShape: Follow = ({ b, node, dims, layouts }) => {
  for (const name of node.inputs) {
    const layout = layouts.get(name);
    if (layout !== undefined && equal(b.dims(name), dims)) return layout;
  }
  return undefined;
};

/** Convolutions, pooling and resizing: NCHW maps stay maps of a new grid. */
const onMap: Follow = ({ from, at, dims }) =>
  at === 0 && from.kind === "map" && from.channelAxis === 1 && dims.length === 4
    ? withGrid(from, dims)
    : undefined;

const withGrid = (layout: SpatialLayout, dims: readonly number[]): SpatialLayout => ({
  ...layout,
  grid: [dims[layout.spatialAxes[0] as number] ?? 0, dims[layout.spatialAxes[1] as number] ?? 0],
});

const transpose: Follow = ({ node, from }) => {
  const perm = attr.ints(node, "perm");
  if (perm === undefined) return undefined;
  const to = (axis: number) => perm.indexOf(axis);
  return { ...from, spatialAxes: from.spatialAxes.map(to), channelAxis: to(from.channelAxis) };
};

/** A product with a weight on the right works on channels that are last. */
const matmul: Follow = ({ b, node, from, at, dims }) => {
  const rank = b.rank(node.inputs[0] as string);
  const isWeight = b.rank(node.inputs[1] as string) === 2;
  return at === 0 && isWeight && from.channelAxis === rank - 1 && dims.length === rank ? from : undefined;
};

const gemm: Follow = ({ from, at }) => (at === 0 && from.kind === "rows" ? from : undefined);

const concat: Follow = ({ b, node, from, at, dims, layouts }) => {
  const axis = normalized(attr.int(node, "axis"), dims.length);
  if (axis === from.channelAxis) return from;
  if (from.kind !== "tokens" || axis !== from.spatialAxes[0]) return undefined;
  if (node.inputs.filter((name) => layouts.has(name)).length > 1) return undefined;
  const size = (names: readonly string[]) => names.reduce((n, name) => n + (b.dims(name)[axis] ?? 0), 0);
  return {
    ...from,
    prefix: from.prefix + size(node.inputs.slice(0, at)),
    suffix: from.suffix + size(node.inputs.slice(at + 1)),
  };
};

/** Cutting channels, cutting tokens before or behind the grid, or cutting a map's rows and columns. */
const slice: Follow = ({ b, node, from, dims }) => {
  const whole = b.dims(node.inputs[0] as string);
  const starts = b.constant(node.inputs[1] ?? "");
  const axes = b.constant(node.inputs[3] ?? "") ?? starts?.map((_, i) => i);
  if (starts === undefined || axes === undefined) return undefined;
  let layout: SpatialLayout | undefined = from;
  axes.forEach((a, i) => {
    const axis = normalized(a, dims.length);
    if (layout === undefined || axis === from.channelAxis || dims[axis] === whole[axis]) return;
    const start = starts[i] as number;
    layout =
      from.kind === "map" && from.spatialAxes.includes(axis)
        ? withGrid(from, dims)
        : cutTokens(layout, axis, whole, start, dims);
  });
  return layout;
};

function cutTokens(
  layout: SpatialLayout,
  axis: number,
  whole: readonly number[],
  start: number,
  dims: readonly number[],
): SpatialLayout | undefined {
  if (layout.kind !== "tokens" || axis !== layout.spatialAxes[0]) return undefined;
  const first = start < 0 ? (whole[axis] ?? 0) + start : start;
  const cells = layout.grid[0] * layout.grid[1];
  const prefix = layout.prefix - first;
  const suffix = (dims[axis] ?? 0) - prefix - cells;
  return prefix >= 0 && suffix >= 0 ? { ...layout, prefix, suffix } : undefined;
}

const split: Follow = ({ b, node, from, dims, output }) => {
  const axis = normalized(attr.int(node, "axis", 0), dims.length);
  if (axis === from.channelAxis) return from;
  const start = node.outputs.slice(0, output).reduce((n, name) => n + (b.dims(name)[axis] ?? 0), 0);
  return cutTokens(from, axis, b.dims(node.inputs[0] as string), start, dims);
};

const reduce: Follow = ({ b, node, from, dims }) => {
  const whole = b.dims(node.inputs[0] as string);
  const keepsSpace =
    dims.length === whole.length && from.spatialAxes.every((axis) => dims[axis] === whole[axis]);
  return keepsSpace ? from : undefined;
};

/** Reshape, Flatten, Squeeze, Unsqueeze: axes that survive keep their meaning, h·w merges into tokens and splits again. */
const reshape: Follow = ({ b, node, from, dims }) => {
  const before = concrete(b, node.inputs[0] as string);
  const after = concrete(b, node.outputs[0] as string);
  if (from.kind === "rows") return rowsToTokens(from, after, dims);
  const kept = matchAxes(before, after);
  const channelAxis = kept.get(from.channelAxis);
  if (channelAxis === undefined) return tokensToRows(from, before, after);
  const axes = from.spatialAxes.map((axis) => kept.get(axis));
  if (axes.every((axis) => axis !== undefined))
    return { ...from, spatialAxes: axes as number[], channelAxis };
  return from.kind === "map"
    ? mapToTokens(from, before, after, channelAxis)
    : tokensToMap(from, before, after, channelAxis);
};

function mapToTokens(
  from: SpatialLayout,
  before: readonly number[],
  after: readonly number[],
  channelAxis: number,
): SpatialLayout | undefined {
  const [rows, columns] = from.spatialAxes as [number, number];
  if (columns !== rows + 1) return undefined;
  const axis = after.findIndex((d, i) => i !== channelAxis && i > 0 && d === from.grid[0] * from.grid[1]);
  if (axis < 0 || after.length !== before.length - 1) return undefined;
  return { ...from, kind: "tokens", spatialAxes: [axis], channelAxis };
}

function tokensToMap(
  from: SpatialLayout,
  before: readonly number[],
  after: readonly number[],
  channelAxis: number,
): SpatialLayout | undefined {
  if (from.prefix + from.suffix > 0 || after.length !== before.length + 1) return undefined;
  const rows = from.spatialAxes[0] as number;
  const [h, w] = [after[rows] as number, after[rows + 1] as number];
  if (h * w !== from.grid[0] * from.grid[1]) return undefined;
  return { ...from, kind: "map", spatialAxes: [rows, rows + 1], channelAxis, grid: [h, w] };
}

/** [B, T, C] → [B·T, C], as exporters flatten before a Gemm. */
function tokensToRows(
  from: SpatialLayout,
  before: readonly number[],
  after: readonly number[],
): SpatialLayout | undefined {
  const last = before.length - 1;
  const flattens = after.length === 2 && from.channelAxis === last && after[1] === before[last];
  return flattens ? { ...from, kind: "rows", spatialAxes: [0], channelAxis: 1 } : undefined;
}

function rowsToTokens(
  from: SpatialLayout,
  after: readonly number[],
  dims: readonly number[],
): SpatialLayout | undefined {
  const tokens = from.prefix + from.grid[0] * from.grid[1] + from.suffix;
  if (after.length === 3 && after[1] === tokens)
    return { ...from, kind: "tokens", spatialAxes: [1], channelAxis: 2 };
  const isMap =
    after.length === 4 &&
    dims[1] === from.grid[0] &&
    dims[2] === from.grid[1] &&
    from.prefix + from.suffix === 0;
  return isMap ? { ...from, kind: "map", spatialAxes: [1, 2], channelAxis: 3 } : undefined;
}

/** Axes that a reshape keeps whole: those with equal products of sizes before them and equal size. */
function matchAxes(before: readonly number[], after: readonly number[]): Map<number, number> {
  const starts = (dims: readonly number[]) => {
    let product = 1;
    return dims.map((d) => {
      const start = product;
      product *= d;
      return start;
    });
  };
  const afterStarts = starts(after);
  const kept = new Map<number, number>();
  starts(before).forEach((start, axis) => {
    const match = after.findIndex((d, i) => d === before[axis] && d !== 1 && afterStarts[i] === start);
    if (match >= 0) kept.set(axis, match);
  });
  return kept;
}

/** Dimensions at the first probe, where products can be compared. */
const concrete = (b: GraphBuilder, name: string): readonly number[] =>
  b.shapes.probes[0]?.get(name)?.dims ?? [];

const normalized = (axis: number, rank: number): number => (axis < 0 ? axis + rank : axis);
const equal = (a: readonly number[], c: readonly number[]): boolean =>
  a.length === c.length && a.every((d, i) => d === c[i]);
const nowhere: Follow = () => undefined;

const FOLLOW: Readonly<Record<string, Follow | undefined>> = {
  Conv: onMap,
  ConvTranspose: onMap,
  MaxPool: onMap,
  AveragePool: onMap,
  LpPool: onMap,
  GlobalAveragePool: onMap,
  GlobalMaxPool: onMap,
  Resize: onMap,
  DepthToSpace: onMap,
  SpaceToDepth: onMap,
  Pad: ({ from, dims }) => (from.kind === "map" ? withGrid(from, dims) : undefined),
  Transpose: transpose,
  Reshape: reshape,
  Flatten: reshape,
  Squeeze: reshape,
  Unsqueeze: reshape,
  MatMul: matmul,
  Gemm: gemm,
  Concat: concat,
  Slice: slice,
  Split: split,
  Gather: nowhere,
  ReduceMean: reduce,
  ReduceSum: reduce,
  ReduceMax: reduce,
  ReduceMin: reduce,
  ReduceL2: reduce,
  Attention: nowhere,
  Expand: nowhere,
};
