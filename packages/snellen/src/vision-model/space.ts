// Where the picture's rows and columns lie in a value, exactly: every axis is a product of factors, so that reshapes and
// transposes (windows, groups of channels, tokens, unrolled blocks) are followed without guessing. Derived here.

/** What a factor counts. Symbols stand for channels, heads and whatever else, one for each origin. */
export type Kind = "row" | "column" | "batch" | symbol;

/** Part of an axis; index i of it lies `i · step` positions along its kind. */
export interface Factor {
  readonly of: Kind;
  readonly size: number;
  readonly step: number;
  /** A token axis with class or register tokens cannot be split; the grid's own factors lie between them. */
  readonly tokens?: { readonly prefix: number; readonly suffix: number; readonly inner: Axis };
}

/** Factors from the slowest to the fastest; empty for an axis of size 1. */
export type Axis = readonly Factor[];

export interface Space {
  readonly axes: readonly Axis[];
  /** [rows, columns] that the factors of these kinds count. */
  readonly grid: readonly [number, number];
  /** Cyclic shift: the value at position i is that of position i + roll. */
  readonly roll: readonly [number, number];
}

export const sizeOf = (axis: Axis): number => axis.reduce((n, factor) => n * factor.size, 1);

/** An axis of one kind that nothing else shares. */
export const fresh = (size: number): Axis => (size === 1 ? [] : [{ of: Symbol("channels"), size, step: 1 }]);

export const axisOf = (of: Kind, size: number): Axis => (size === 1 ? [] : [{ of, size, step: 1 }]);

/** An axis of tokens: class or register tokens, the grid's, more tokens. */
export const tokenAxis = (prefix: number, inner: Axis, suffix: number): Axis =>
  prefix + suffix === 0
    ? inner
    : [
        {
          of: Symbol("tokens"),
          size: prefix + sizeOf(inner) + suffix,
          step: 1,
          tokens: { prefix, suffix, inner },
        },
      ];

const isSpatial = (factor: Factor): boolean => factor.of === "row" || factor.of === "column";

/** Factors of an axis with those inside tokens in place of them. */
const opened = (axis: Axis): Axis => axis.flatMap((factor) => factor.tokens?.inner ?? [factor]);

/** Whether any position of the picture varies along an axis. */
export const holdsSpace = (axis: Axis): boolean => opened(axis).some(isSpatial);

/** Joins neighbours that a split had parted. */
function merged(axis: Axis): Axis {
  const out: Factor[] = [];
  for (const factor of axis) {
    const last = out.at(-1);
    if (last !== undefined && last.of === factor.of && last.step === factor.step * factor.size)
      out[out.length - 1] = { of: last.of, size: last.size * factor.size, step: factor.step };
    else out.push(factor);
  }
  return out;
}

/** The axes after a reshape to `dims`; undefined where a factor would be cut at a place that does not divide it. */
export function reshaped(axes: readonly Axis[], dims: readonly number[]): Axis[] | undefined {
  const queue = axes.flat();
  const out: Axis[] = [];
  for (const dim of dims) {
    const axis: Factor[] = [];
    let room = dim;
    while (room > 1) {
      const next = queue.shift();
      if (next === undefined) return undefined;
      if (room % next.size === 0) {
        axis.push(next);
        room /= next.size;
      } else if (next.size % room === 0 && next.tokens === undefined) {
        const minor = next.size / room;
        axis.push({ of: next.of, size: room, step: next.step * minor });
        queue.unshift({ of: next.of, size: minor, step: next.step });
        room = 1;
      } else return undefined;
    }
    out.push(merged(axis));
  }
  return queue.length === 0 ? out : undefined;
}

/**
 * Counts rows and columns anew after factors were summed away: where the finest positions are gone, as in pooling by a reshape
 * and a mean, the next finer ones are the grid's neighbours.
 */
export function renewed(space: Space): Space {
  const [rows, columns] = (["row", "column"] as const).map((kind, i) => {
    const steps = space.axes.flatMap((axis) => opened(axis).filter((f) => f.of === kind)).map((f) => f.step);
    const finest = Math.min(...steps);
    const divides = steps.every((s) => s % finest === 0) && (space.grid[i] as number) % finest === 0;
    return steps.length > 0 && divides ? finest : 1;
  }) as [number, number];
  return coarser(space, [rows, columns]);
}

/** Counts rows and columns in steps of so many, where nothing lies between them any more. */
export function coarser(space: Space, [rows, columns]: readonly [number, number]): Space {
  if (rows === 1 && columns === 1) return space;
  const divide = (f: Factor): Factor => {
    if (f.tokens !== undefined) return { ...f, tokens: { ...f.tokens, inner: f.tokens.inner.map(divide) } };
    const by = f.of === "row" ? rows : f.of === "column" ? columns : 1;
    return by === 1 ? f : { ...f, step: f.step / by };
  };
  return {
    ...space,
    axes: space.axes.map((axis) => axis.map(divide)),
    grid: [space.grid[0] / rows, space.grid[1] / columns],
  };
}

/** Whether every position of the grid can be told from the value's indices. */
export const isWhole = (space: Space): boolean => {
  const factors = space.axes.flatMap(opened);
  return (["row", "column"] as const).every(
    (kind, i) => chainOf(factors.filter((f) => f.of === kind))?.size === space.grid[i],
  );
};

/** Factors of one kind as one range: its size and its step; undefined where they do not follow on one another. */
function chainOf(factors: readonly Factor[]): { size: number; step: number } | undefined {
  const sorted = [...factors].sort((a, c) => c.step - a.step);
  const follows = sorted.every((f, i) => {
    const next = sorted[i + 1];
    return next === undefined || f.step === next.step * next.size;
  });
  return follows ? { size: sizeOf(sorted), step: sorted.at(-1)?.step ?? 1 } : undefined;
}

/** Where space lies in a value, for those that lay it out as a map. */
export interface SpatialLayout {
  /** `map`: two spatial axes; `tokens`: one axis of h·w tokens; `rows`: batch and tokens merged into axis 0. */
  readonly kind: "map" | "tokens" | "rows";
  /** Axes of rows and columns of a map; the token axis otherwise. */
  readonly spatialAxes: readonly number[];
  readonly channelAxis: number;
  /** [rows, columns] of the grid. */
  readonly grid: readonly [number, number];
  /** Tokens before the grid (class and register tokens) and behind it. */
  readonly prefix: number;
  readonly suffix: number;
  /** How the grid's tokens are sorted where not row by row, from slowest to fastest. */
  readonly order?: readonly TokenFactor[];
}

/** Part of a token axis: `size` rows (axis 0) or columns (axis 1) that lie `step` apart. */
export interface TokenFactor {
  readonly axis: 0 | 1;
  readonly size: number;
  readonly step: number;
}

/** The layout of a value whose rows, columns and channels have axes of their own; undefined for all others. */
export function layoutOf(space: Space): SpatialLayout | undefined {
  if (space.roll.some((shift) => shift !== 0)) return undefined;
  return mapLayout(space) ?? tokenLayout(space);
}

/** The axis that alone holds channels: not the batch's, not one of space. */
function channelAxisOf(axes: readonly Axis[], spatial: readonly number[]): number | undefined {
  const others = axes.flatMap((axis, i) => {
    const isOther = axis.length > 0 && !spatial.includes(i) && axis.some((f) => f.of !== "batch");
    return isOther ? [i] : [];
  });
  const [channelAxis] = others;
  const isPure = channelAxis !== undefined && axes[channelAxis]?.every((f) => f.of !== "batch");
  return others.length === 1 && isPure ? channelAxis : undefined;
}

function mapLayout({ axes, grid }: Space): SpatialLayout | undefined {
  const find = (kind: Kind, i: 0 | 1) =>
    axes.findIndex((axis) => {
      const [factor, ...others] = axis;
      return factor?.of === kind && others.length === 0 && factor.size * factor.step === grid[i];
    });
  const spatialAxes = [find("row", 0), find("column", 1)] as const;
  const channelAxis = channelAxisOf(axes, spatialAxes);
  if (spatialAxes.includes(-1) || channelAxis === undefined) return undefined;
  const [h, w] = spatialAxes.map((axis) => sizeOf(axes[axis] as Axis)) as [number, number];
  return { kind: "map", spatialAxes, channelAxis, grid: [h, w], prefix: 0, suffix: 0 };
}

function tokenLayout({ axes, grid }: Space): SpatialLayout | undefined {
  const axis = axes.findIndex((a) => {
    const inner = opened(a);
    const isGrid = inner.every((f, i) => isSpatial(f) || (i === 0 && f.of === "batch"));
    return isGrid && ["row", "column"].every((kind) => inner.some((f) => f.of === kind));
  });
  if (axis < 0) return undefined;
  const [first, ...rest] = axes[axis] as [Factor, ...Factor[]];
  const isRows = first.of === "batch";
  const channelAxis = channelAxisOf(axes, [axis]);
  if ((isRows && axis !== 0) || channelAxis === undefined) return undefined;
  const held = isRows ? rest : [first, ...rest];
  const inner = opened(held);
  const chains = (["row", "column"] as const).map((kind) => chainOf(inner.filter((f) => f.of === kind)));
  if (chains.some((c, i) => c === undefined || c.size * c.step !== grid[i])) return undefined;
  const [h, w] = chains.map((c) => c?.size) as [number, number];
  const isSorted = inner.length === 2 && inner[0]?.of === "row";
  const order = inner.map(({ of, size, step }) => ({ axis: (of === "row" ? 0 : 1) as 0 | 1, size, step }));
  const { prefix, suffix } = held[0]?.tokens ?? { prefix: 0, suffix: 0 };
  const kind = isRows ? "rows" : "tokens";
  return {
    kind,
    spatialAxes: [axis],
    channelAxis,
    grid: [h, w],
    prefix,
    suffix,
    ...(isSorted ? {} : { order }),
  };
}
