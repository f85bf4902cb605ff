// One rule per operator (or family) that moves, mixes or sums positions; everything else works position by position.
// A rule says which axes of an output hold which positions, and which values they were passed on from one to one.
import { attr, type GraphBuilder, type Node } from "@snellen/graph";
import {
  type Axis,
  coarser,
  fresh,
  holdsSpace,
  isWhole,
  renewed,
  reshaped,
  type Space,
  sizeOf,
  tokenAxis,
} from "./space.ts";

/** What a rule sees of a node; dimensions are those of one concrete batch. */
export interface RuleContext {
  readonly b: GraphBuilder;
  readonly node: Node;
  /** Which of the node's outputs is asked for, and its dimensions. */
  readonly output: number;
  readonly dims: readonly number[];
  readonly dimsOf: (name: string) => readonly number[] | undefined;
  /** Undefined for values without a space. */
  readonly spaceOf: (name: string) => Space | undefined;
}

export interface RuleResult {
  readonly space: Space;
  /** Values whose position p went into position p of the output. */
  readonly from: readonly string[];
}

export type SpaceRule = (context: RuleContext) => RuleResult | undefined;

const normalizedAxis = (axis: number, rank: number): number => (axis < 0 ? axis + rank : axis);

const spaceAt = (c: RuleContext, input: number): Space | undefined => c.spaceOf(c.node.inputs[input] ?? "");
const constantAt = (c: RuleContext, input: number) => c.b.constant(c.node.inputs[input] ?? "");

/** Axes of an input seen from the right of an output of this rank, as broadcasting does. */
function aligned({ axes }: Space, rank: number): readonly Axis[] {
  const missing = rank - axes.length;
  return missing <= 0 ? axes : [...Array.from({ length: missing }, (): Axis => []), ...axes];
}

const fits = (axes: readonly Axis[], dims: readonly number[]): boolean =>
  axes.length === dims.length && axes.every((axis, i) => sizeOf(axis) === dims[i]);

const withAxis = (axes: readonly Axis[], at: number, axis: Axis): Axis[] =>
  axes.map((old, i) => (i === at ? axis : old));

/** The first input's space as `change` makes it. */
const fromFirst =
  (change: (space: Space, c: RuleContext) => Space | undefined): SpaceRule =>
  (c) => {
    const space = spaceAt(c, 0);
    const changed = space === undefined ? undefined : change(space, c);
    return changed === undefined ? undefined : { space: changed, from: [c.node.inputs[0] as string] };
  };

/** Same shape in and out, position by position: the first input of that shape that has a space. */
const same: SpaceRule = (c) => {
  for (const name of c.node.inputs) {
    const space = c.spaceOf(name);
    if (space !== undefined && fits(space.axes, c.dims)) return { space, from: [name] };
  }
  return undefined;
};

/** With broadcasting: an input of the whole shape, or axes gathered from several. */
const broadcast: SpaceRule = (c) => {
  const inputs = c.node.inputs.flatMap((name) => {
    const space = c.spaceOf(name);
    return space === undefined ? [] : [{ name, space, axes: aligned(space, c.dims.length) }];
  });
  const full = inputs.filter(({ axes }) => fits(axes, c.dims));
  const best = full.find(({ space }) => isWhole(space)) ?? full[0];
  if (best !== undefined) {
    const whole = inputs.filter(
      ({ space, axes }) => isLaidOutAs(best.axes, axes) && isOnGrid(space, best.space),
    );
    const space = best.axes === best.space.axes ? best.space : { ...best.space, axes: best.axes };
    return { space, from: whole.map(({ name }) => name) };
  }
  const [first] = inputs;
  if (first === undefined) return undefined;
  const alike = inputs.filter(({ space }) => isOnGrid(space, first.space));
  const axes = c.dims.map((dim, axis) => {
    const giver = alike.find((input) => sizeOf(input.axes[axis] as Axis) === dim);
    return giver?.axes[axis] ?? fresh(dim);
  });
  return { space: { ...first.space, axes }, from: alike.map(({ name }) => name) };
};

const isOnGrid = (a: Space, c: Space): boolean => a.grid.every((size, kind) => size === c.grid[kind]);

/** Whether an operand has all positions of the result, whatever else of it is broadcast. */
const isLaidOutAs = (whole: readonly Axis[], axes: readonly Axis[]): boolean =>
  axes.every((axis, i) => sizeOf(axis) === sizeOf(whole[i] as Axis) || !holdsSpace(whole[i] as Axis));

/** Which of rows (0) and columns (1) an axis holds, alone and in full, so that it may get a new size or be shifted. */
function soleKind({ axes, grid }: Space, at: number): 0 | 1 | undefined {
  const [factor, ...others] = axes[at] ?? [];
  if (factor === undefined || others.length > 0 || factor.step !== 1) return undefined;
  const kind = factor.of === "row" ? 0 : factor.of === "column" ? 1 : undefined;
  return kind !== undefined && factor.size === grid[kind] ? kind : undefined;
}

/** Cells of windows, of which a convolution or a pooling makes fewer in each. */
function thinned(space: Space, at: number, size: number): Space | undefined {
  const [factor, ...others] = space.axes[at] as Axis;
  const kind = factor?.of === "row" ? 0 : factor?.of === "column" ? 1 : undefined;
  if (factor === undefined || kind === undefined || others.length > 0 || space.roll[kind] !== 0)
    return undefined;
  const by = factor.size / size;
  if (factor.step !== 1 || !Number.isInteger(by)) return undefined;
  const axis = size === 1 ? [] : [{ of: factor.of, size, step: by }];
  return coarser({ ...space, axes: withAxis(space.axes, at, axis) }, kind === 0 ? [by, 1] : [1, by]);
}

/** An axis whose size changes: the grid's own get a new grid, channels are made anew, parts of a shifted grid are lost. */
function resized(space: Space, at: number, size: number): Space | undefined {
  if (!holdsSpace(space.axes[at] as Axis)) return { ...space, axes: withAxis(space.axes, at, fresh(size)) };
  const kind = soleKind(space, at);
  if (kind === undefined) return undefined;
  if (space.roll[kind] !== 0) return { ...space, axes: withAxis(space.axes, at, fresh(size)) };
  const grid: [number, number] = [space.grid[0], space.grid[1]];
  grid[kind] = size;
  const axis: Axis = size === 1 ? [] : [{ of: kind === 0 ? "row" : "column", size, step: 1 }];
  return { ...space, axes: withAxis(space.axes, at, axis), grid };
}

/** Every axis whose size changed is taken as resized. */
function resizedTo(given: Space, dims: readonly number[]): Space | undefined {
  let space: Space | undefined = given;
  dims.forEach((dim, axis) => {
    if (space !== undefined && sizeOf(space.axes[axis] ?? []) !== dim)
      space = resized(space, axis, dim) ?? thinned(space, axis, dim);
  });
  return space;
}

/** Windows over the axes behind the channels. */
const pool = fromFirst((space, { dims }) => resizedTo(space, dims));

/** A map gets larger, tokens get others before or behind them. */
const pad = fromFirst((given, c) => {
  const pads = constantAt(c, 1);
  if (pads === undefined) return undefined;
  const rank = given.axes.length;
  const axes = constantAt(c, 3) ?? given.axes.map((_, i) => i);
  return axes.reduce<Space | undefined>((space, named, i) => {
    const axis = normalizedAxis(named, rank);
    const [before, behind] = [pads[i] ?? 0, pads[i + axes.length] ?? 0];
    if (space === undefined || (before === 0 && behind === 0)) return space;
    const tokens = soleKind(space, axis) === undefined && holdsSpace(space.axes[axis] as Axis);
    return tokens ? withTokens(space, axis, before, behind) : resized(space, axis, c.dims[axis] as number);
  }, given);
});

/** As pooling, with the channels mixed. */
const convolution = fromFirst((space, { dims }) =>
  resizedTo({ ...space, axes: withAxis(space.axes, 1, fresh(dims[1] ?? 1)) }, dims),
);

const transpose = fromFirst((space, { node, dims }) => {
  const perm = attr.ints(node, "perm") ?? dims.map((_, i) => dims.length - 1 - i);
  return { ...space, axes: perm.map((axis) => space.axes[axis] as Axis) };
});

const reshape = fromFirst((space, { dims }) => {
  const axes = reshaped(space.axes, dims);
  return axes === undefined ? undefined : { ...space, axes };
});

/** Rows from the left operand, columns from the right; what is summed over is gone, and so are keys that queries look at. */
const matmul: SpaceRule = (c) => {
  const rank = c.dims.length;
  const [left, right] = [spaceAt(c, 0), spaceAt(c, 1)];
  if (c.node.inputs.slice(0, 2).some((name) => (c.dimsOf(name)?.length ?? 0) < 2)) return undefined;
  const [a, b] = [left, right].map((space) => (space === undefined ? undefined : aligned(space, rank)));
  const batch = c.dims.slice(0, -2).map((dim, axis) => {
    const giver = [a, b].find((axes) => axes !== undefined && sizeOf(axes[axis] as Axis) === dim);
    return giver?.[axis] ?? fresh(dim);
  });
  const rows = a?.[rank - 2] ?? fresh(c.dims[rank - 2] as number);
  const columns = b?.[rank - 1];
  const takesColumns = columns !== undefined && !(holdsSpace(columns) && holdsSpace(rows));
  const isFromRight = left === undefined || (takesColumns && holdsSpace(columns));
  const { grid, roll } = (isFromRight ? right : left) as Space;
  const axes = [...batch, rows, takesColumns ? columns : fresh(c.dims[rank - 1] as number)];
  return { space: renewed({ axes, grid, roll }), from: [c.node.inputs[isFromRight ? 1 : 0] as string] };
};

const gemm = fromFirst((space, { node, dims }) =>
  attr.int(node, "transA", 0) === 0
    ? renewed({ ...space, axes: [space.axes[0] as Axis, fresh(dims[1] as number)] })
    : undefined,
);

const reduce = fromFirst((space, c) => {
  const rank = space.axes.length;
  const given = attr.ints(c.node, "axes") ?? constantAt(c, 1) ?? [];
  const all = space.axes.map((_, i) => i);
  const over = new Set((given.length > 0 ? given : all).map((axis) => normalizedAxis(axis, rank)));
  const keeps = attr.int(c.node, "keepdims", 1) !== 0;
  const axes = space.axes.flatMap((axis, i): Axis[] => {
    if (!over.has(i)) return [axis];
    return keeps ? [[]] : [];
  });
  return fits(axes, c.dims) ? renewed({ ...space, axes }) : undefined;
});

/** Channels put together; class and register tokens put to those of the grid; pieces put together in cyclic order. */
const concat: SpaceRule = (c) => {
  const axis = normalizedAxis(attr.int(c.node, "axis"), c.dims.length);
  const inOrder = rolled(c, axis);
  if (inOrder !== undefined) return inOrder;
  const { inputs } = c.node;
  const known = inputs.filter((name) => c.spaceOf(name) !== undefined);
  const spatial = known.filter((name) => holdsSpace(c.spaceOf(name)?.axes[axis] ?? []));
  const [first] = spatial;
  if (first === undefined) {
    const giver = known.find((name) => isWhole(c.spaceOf(name) as Space)) ?? (known[0] as string);
    const space = c.spaceOf(giver) as Space;
    return {
      space: { ...space, axes: withAxis(space.axes, axis, fresh(c.dims[axis] as number)) },
      from: known,
    };
  }
  if (spatial.length > 1) return undefined;
  const at = inputs.indexOf(first);
  const count = (names: readonly string[]) => names.reduce((n, name) => n + (c.dimsOf(name)?.[axis] ?? 0), 0);
  const space = withTokens(
    c.spaceOf(first) as Space,
    axis,
    count(inputs.slice(0, at)),
    count(inputs.slice(at + 1)),
  );
  return space === undefined ? undefined : { space, from: [first] };
};

/** Tokens put before and behind those of an axis (taken away where negative); undefined where grid tokens would go. */
function withTokens(space: Space, at: number, before: number, behind: number): Space | undefined {
  const axis = space.axes[at] as Axis;
  const held = axis[0]?.tokens ?? { prefix: 0, suffix: 0, inner: axis };
  const [prefix, suffix] = [held.prefix + before, held.suffix + behind];
  const isGrid = held.inner.every((f) => f.of === "row" || f.of === "column");
  if (!isGrid || prefix < 0 || suffix < 0) return undefined;
  return { ...space, axes: withAxis(space.axes, at, tokenAxis(prefix, held.inner, suffix)) };
}

/** Pieces of one axis of a value put together in cyclic order, as windows are shifted. */
function rolled(c: RuleContext, axis: number): RuleResult | undefined {
  const pieces = c.node.inputs.map((name) => pieceOf(c, name, axis));
  const [first] = pieces;
  const space = c.spaceOf(first?.source ?? "");
  const kind = space === undefined ? undefined : soleKind(space, axis);
  if (first === undefined || space === undefined || kind === undefined) return undefined;
  const size = c.dims[axis] as number;
  let next = first.start;
  for (const piece of pieces) {
    if (piece?.source !== first.source || piece.start !== next) return undefined;
    next = (next + piece.length) % size;
  }
  if (next !== first.start || size !== space.grid[kind]) return undefined;
  return { space: shifted(space, kind, first.start), from: [first.source] };
}

function shifted(space: Space, kind: 0 | 1, by: number): Space {
  const roll: [number, number] = [space.roll[0], space.roll[1]];
  roll[kind] = (roll[kind] + by) % space.grid[kind];
  return { ...space, roll };
}

interface Piece {
  readonly source: string;
  readonly start: number;
  readonly length: number;
}

/** The contiguous part of another value that a Slice or Split cut out along an axis. */
function pieceOf(c: RuleContext, name: string, axis: number): Piece | undefined {
  const node = c.b.producer(name);
  const source = node?.inputs[0];
  const [whole, dims] = [c.dimsOf(source ?? ""), c.dimsOf(name)];
  if (node === undefined || source === undefined || whole === undefined || dims === undefined)
    return undefined;
  if (dims.some((d, i) => i !== axis && d !== whole[i])) return undefined;
  const length = dims[axis] as number;
  if (node.opType === "Split") {
    const before = node.outputs.slice(0, node.outputs.indexOf(name));
    return { source, length, start: before.reduce((n, other) => n + (c.dimsOf(other)?.[axis] ?? 0), 0) };
  }
  const cut = node.opType === "Slice" ? cutsOf(c, node).find((cut) => cut.axis === axis) : undefined;
  return cut?.step === 1 ? { source, length, start: cut.start } : undefined;
}

interface Cut {
  readonly axis: number;
  readonly start: number;
  readonly step: number;
}

/** What a Slice does to each axis that it names; starts counted from 0. */
function cutsOf(c: RuleContext, node: Node): Cut[] {
  const [starts, , axes, steps] = node.inputs.slice(1).map((name) => c.b.constant(name));
  const dims = c.dimsOf(node.inputs[0] as string) ?? [];
  return (starts ?? []).map((start, i) => {
    const axis = normalizedAxis(axes?.[i] ?? i, dims.length);
    const size = dims[axis] as number;
    return {
      axis,
      start: Math.max(0, Math.min(start < 0 ? start + size : start, size)),
      step: steps?.[i] ?? 1,
    };
  });
}

/** Cutting channels, tokens before or behind the grid, or a map's rows and columns. */
const slice = fromFirst((given, c) => {
  if (constantAt(c, 1) === undefined) return undefined;
  return cutsOf(c, c.node).reduce<Space | undefined>((space, { axis, start, step }) => {
    const size = c.dims[axis] as number;
    if (space === undefined || (step === 1 && size === sizeOf(space.axes[axis] as Axis))) return space;
    if (step < 0 && holdsSpace(space.axes[axis] as Axis)) return undefined;
    return cut(space, axis, start, size);
  }, given);
});

function cut(space: Space, axis: number, start: number, size: number): Space | undefined {
  const held = space.axes[axis] as Axis;
  const end = sizeOf(held) - start - size;
  return held[0]?.tokens === undefined ? resized(space, axis, size) : withTokens(space, axis, -start, -end);
}

const split = fromFirst((space, c) => {
  const axis = normalizedAxis(attr.int(c.node, "axis", 0), c.dims.length);
  const before = c.node.outputs.slice(0, c.output);
  const start = before.reduce((n, name) => n + (c.dimsOf(name)?.[axis] ?? 0), 0);
  return cut(space, axis, start, c.dims[axis] as number);
});

/**
 * An axis cut into windows side by side, as PyTorch's `Unfold` is exported: indices [place in the window, window], none missing
 * and none twice.
 */
function inWindows(
  space: Space,
  axis: number,
  [size = 1, count = 1]: readonly number[],
  indices: readonly number[],
) {
  const isCut = indices.every((index, i) => index === (i % count) * size + Math.floor(i / count));
  const [windows, places] = reshaped([space.axes[axis] as Axis], [count, size]) ?? [];
  if (!isCut || windows === undefined || places === undefined) return undefined;
  return { ...space, axes: [...space.axes.slice(0, axis), places, windows, ...space.axes.slice(axis + 1)] };
}

/** Indices along an axis of channels or heads; along one of space only those that keep it, shift it or cut it into windows. */
const gather = fromFirst((space, c) => {
  const axis = normalizedAxis(attr.int(c.node, "axis", 0), space.axes.length);
  const taken = c.dimsOf(c.node.inputs[1] as string) ?? [];
  if (!holdsSpace(space.axes[axis] as Axis)) {
    const axes = [...space.axes.slice(0, axis), ...taken.map(fresh), ...space.axes.slice(axis + 1)];
    return { ...space, axes };
  }
  const indices = constantAt(c, 1);
  if (indices !== undefined && taken.length === 2) return inWindows(space, axis, taken, indices);
  const kind = soleKind(space, axis);
  const size = sizeOf(space.axes[axis] as Axis);
  const start = indices?.[0];
  if (indices === undefined || taken.length > 1 || start === undefined || indices.length !== size)
    return undefined;
  if (!indices.every((index, i) => index === (start + i) % size)) return undefined;
  if (start === 0) return space;
  return kind === undefined ? undefined : shifted(space, kind, start);
});

const tile = fromFirst((space, { dims }) => {
  const grows = dims.some((dim, i) => dim !== sizeOf(space.axes[i] ?? []) && holdsSpace(space.axes[i] ?? []));
  return grows ? undefined : resizedTo(space, dims);
});

/** Queries keep their positions; keys and values are mixed. */
const attention = fromFirst((space, { dims }) => ({
  ...space,
  axes: withAxis(space.axes, dims.length - 1, fresh(dims.at(-1) as number)),
}));

/** Each axis of the output is that of the first operand that has its letter; space only comes from one operand. */
const einsum: SpaceRule = (c) => {
  const [terms = "", result] = attr.string(c.node, "equation", "").replaceAll(" ", "").split("->");
  const givers = terms.split(",").flatMap((letters, i) => {
    const space = spaceAt(c, i);
    return space === undefined ? [] : [{ letters, space, name: c.node.inputs[i] as string }];
  });
  if (result === undefined || terms.includes(".")) return undefined;
  let spatial: (typeof givers)[number] | undefined;
  const axes = [...result].map((letter, i) => {
    const giver = givers.find((g) => g.letters.includes(letter));
    const axis = giver?.space.axes[giver.letters.indexOf(letter)];
    const isSpatial = axis !== undefined && holdsSpace(axis);
    if (isSpatial) spatial ??= giver;
    return axis === undefined || (isSpatial && giver !== spatial) ? fresh(c.dims[i] as number) : axis;
  });
  return spatial && { space: renewed({ ...spatial.space, axes }), from: [spatial.name] };
};

const nowhere: SpaceRule = () => undefined;

const RULES: Readonly<Record<string, SpaceRule | undefined>> = {
  ...Object.fromEntries(
    "Add And BitShift Clip Div Equal Expand Greater GreaterOrEqual Less LessOrEqual Max Mean Min Mod Mul Or PRelu Pow Sub Sum Where Xor"
      .split(" ")
      .map((op) => [op, broadcast]),
  ),
  ...Object.fromEntries(
    "ReduceL1 ReduceL2 ReduceLogSum ReduceLogSumExp ReduceMax ReduceMean ReduceMin ReduceProd ReduceSum ReduceSumSquare"
      .split(" ")
      .map((op) => [op, reduce]),
  ),
  Attention: attention,
  AveragePool: pool,
  Concat: concat,
  Conv: convolution,
  ConvInteger: convolution,
  ConvTranspose: convolution,
  DepthToSpace: convolution,
  Einsum: einsum,
  Flatten: reshape,
  Gather: gather,
  GatherElements: nowhere,
  GatherND: nowhere,
  Gemm: gemm,
  GlobalAveragePool: pool,
  GlobalLpPool: pool,
  GlobalMaxPool: pool,
  LpPool: pool,
  MatMul: matmul,
  MatMulInteger: matmul,
  MaxPool: pool,
  Pad: pad,
  Reshape: reshape,
  Resize: pool,
  Shape: nowhere,
  Size: nowhere,
  Slice: slice,
  SpaceToDepth: convolution,
  Split: split,
  Squeeze: reshape,
  Tile: tile,
  TopK: nowhere,
  Transpose: transpose,
  Unsqueeze: reshape,
};

/** The rule of an operator; those that are not listed keep shape and positions. */
export const ruleFor = (opType: string): SpaceRule => RULES[opType] ?? same;
