// Gradients of operators that read or write at given places: gathers scatter back, scatters gather back.
// Places known beforehand become gathers from a table or plain padding; the others are scattered while running (scatter.ts).
import {
  attr,
  BATCH,
  describeNode,
  type GraphBuilder,
  isExternal,
  makeTensor,
  type Node,
  tensorNumbers,
  UnsupportedError,
} from "@snellen/graph";
import { reshapeLike, shapeOf } from "../broadcast.ts";
import { castLike, minusFrom, mul, padAxes, zerosLike } from "../emit.ts";
import type { Rule, RuleContext } from "../rule.ts";
import { scatterAlong } from "../scatter.ts";

/** Contents of a constant of any size. */
function contents(b: GraphBuilder, value: string): readonly number[] | undefined {
  const small = b.constant(value);
  if (small !== undefined) return small;
  const tensor = b.initializer(value);
  return tensor === undefined || isExternal(tensor) ? undefined : tensorNumbers(tensor);
}

const axisOf = (b: GraphBuilder, node: Node, value: string): number => {
  const axis = attr.int(node, "axis", 0);
  return axis < 0 ? axis + b.rank(value) : axis;
};

// The gradient goes back to the places read; places read twice add up.
export const Gather: Rule = (c) => {
  const { b, node, x } = c;
  const [value, indices] = x as [string, string];
  const axis = axisOf(b, node, value);
  const size = b.dims(value)[axis] as number;
  const places = contents(b, indices);
  const merged = withOneIndexAxis(c, axis);
  if (places === undefined || size === BATCH) {
    const flat = b.rank(indices) === 1 ? indices : b.op("Reshape", [indices, b.ints([-1])]);
    const length = b.op("Shape", [value], { start: axis, end: axis + 1 });
    return [scatterAlong(b, merged, flat, axis, length, size)];
  }
  const front = places.map((place) => (place < 0 ? place + size : place));
  return [gatherBack(b, merged, front, axis, size)];
};

/** The output gradient with the axes of the indices merged into one (made, for a scalar index). */
function withOneIndexAxis({ b, x, dy }: RuleContext, axis: number): string {
  const [value, indices] = x as [string, string];
  const rank = b.rank(indices);
  if (rank === 1) return dy;
  if (rank === 0) return b.op("Unsqueeze", [dy, b.ints([axis])]);
  const count = b.dims(indices).includes(BATCH) ? BATCH : b.dims(indices).reduce((n, d) => n * d, 1);
  const dims = b.dims(value).map((d, i) => (i === axis ? count : d));
  if (dims.filter((d) => d === BATCH).length <= 1) return b.op("Reshape", [dy, b.ints(dims)]);
  const part = (start: number, end: number) => (end > start ? [b.op("Shape", [value], { start, end })] : []);
  const length = b.op("Size", [indices]);
  const middle = b.op("Unsqueeze", [length, b.ints([0])]);
  const shape = b.op("Concat", [...part(0, axis), middle, ...part(axis + 1, dims.length)], { axis: 0 });
  return b.op("Reshape", [dy, shape]);
}

/** Transposed gather of known places: padding for a run of neighbours, else a gather from the table of who read each place. */
function gatherBack(
  b: GraphBuilder,
  dy: string,
  places: readonly number[],
  axis: number,
  size: number,
): string {
  const first = places[0] ?? 0;
  if (places.every((place, i) => place === first + i)) {
    const [before, after] = [first, size - first - places.length];
    return padAxes(b, dy, new Map([[axis, [before, after]]]));
  }
  const readers = Array.from({ length: size }, (): number[] => []);
  places.forEach((place, i) => {
    readers[place]?.push(i);
  });
  const most = readers.reduce((n, list) => Math.max(n, list.length), 0);
  const isPartial = readers.some((list) => list.length < most);
  if (most > MOST_TABLES) {
    return scatterAlong(b, dy, indexTable(b, places), axis, b.ints([size]), size);
  }
  // Places with fewer readers than others read the zero that is put behind the last element.
  const source = isPartial ? padAxes(b, dy, new Map([[axis, [0, 1]]])) : dy;
  const tables = Array.from({ length: most }, (_, k) => readers.map((list) => list[k] ?? places.length));
  const parts = tables.map((table) => b.op("Gather", [source, indexTable(b, table)], { axis }));
  return parts.reduce((a, part) => b.op("Add", [a, part]));
}

/** With more readers of one place than this, one scatter does less work than a gather for each of them. */
const MOST_TABLES = 4;

const indexTable = (b: GraphBuilder, places: readonly number[]): string =>
  b.tensor(makeTensor("int64", [places.length], places), "places");

export const GatherElements: Rule = ({ b, node, x, dy }) => [
  b.op("ScatterElements", [zerosLike(b, x[0] as string), x[1] as string, dy], {
    axis: attr.int(node, "axis", 0),
    reduction: "add",
  }),
];

// Through places in the flattened value, so that duplicates add up.
export const GatherND: Rule = ({ b, node, x, dy }) => {
  const [value, indices] = x as [string, string];
  const places = flatPlaces(b, value, indices, attr.int(node, "batch_dims", 0));
  const flat = (v: string) => b.op("Reshape", [v, b.ints([-1])]);
  const size = b.op("Unsqueeze", [b.op("Size", [value]), b.ints([0])]);
  const dims = b.dims(value);
  const count = dims.includes(BATCH) ? BATCH : dims.reduce((n, d) => n * d, 1);
  return [reshapeLike(b, scatterAlong(b, flat(dy), flat(places), 0, size, count), value)];
};

/** Places in the flattened value of every element that a GatherND reads: what it reads from 0, 1, 2, … of the value's shape. */
function flatPlaces(b: GraphBuilder, value: string, indices: string, batchDims: number): string {
  const scalar = (n: number) => b.tensor(makeTensor("int64", [], [n]));
  const count = b.op("Range", [scalar(0), b.op("Size", [value]), scalar(1)]);
  const places = b.op("Reshape", [count, shapeOf(b, value)]);
  return b.op("GatherND", [places, indices], { batch_dims: batchDims });
}

const onlyPlainOrAdd = (node: Node): "none" | "add" => {
  const reduction = attr.string(node, "reduction", "none");
  if (reduction === "none" || reduction === "add") return reduction;
  throw new UnsupportedError("no-gradient-rule", `reduction "${reduction}" has no gradient rule.`, {
    where: describeNode(node),
    hint: "Differentiate with respect to a value after this node (--wrt), or up to one before it (--of).",
  });
};

// Written places of the data get no gradient, unless what is written is added.
export const ScatterElements: Rule = ({ b, node, x, dy, needs }) => {
  const [, indices, updates] = x as [string, string, string];
  const axis = attr.int(node, "axis", 0);
  const data = () =>
    onlyPlainOrAdd(node) === "add"
      ? dy
      : b.op("ScatterElements", [dy, indices, zerosLike(b, updates)], { axis });
  return [needs(0) ? data() : null, null, needs(2) ? b.op("GatherElements", [dy, indices], { axis }) : null];
};

export const ScatterND: Rule = ({ b, node, x, dy, needs }) => {
  const [, indices, updates] = x as [string, string, string];
  const data = () =>
    onlyPlainOrAdd(node) === "add" ? dy : b.op("ScatterND", [dy, indices, zerosLike(b, updates)]);
  return [needs(0) ? data() : null, null, needs(2) ? b.op("GatherND", [dy, indices]) : null];
};

// The kept slices go back to their places.
export const Compress: Rule = ({ b, node, x, dy }) => {
  const [value, condition] = x as [string, string];
  const kept = contents(b, condition);
  if (kept === undefined) {
    throw new UnsupportedError("computed-condition", "the condition is computed, not a constant.", {
      where: describeNode(node),
      hint: "Differentiate with respect to a value after this node (--wrt).",
    });
  }
  const places = kept.flatMap((keep, i) => (keep === 0 ? [] : [i]));
  const isFlat = !attr.has(node, "axis");
  const axis = isFlat ? 0 : axisOf(b, node, value);
  const dims = b.dims(value);
  const size = isFlat
    ? dims.includes(BATCH)
      ? BATCH
      : dims.reduce((n, d) => n * d, 1)
    : (dims[axis] as number);
  const length = isFlat
    ? b.op("Unsqueeze", [b.op("Size", [value]), b.ints([0])])
    : b.op("Shape", [value], { start: axis, end: axis + 1 });
  const gradient =
    size === BATCH
      ? scatterAlong(b, dy, indexTable(b, places), axis, length, size)
      : gatherBack(b, dy, places, axis, size);
  return [isFlat ? reshapeLike(b, gradient, value) : gradient];
};

// y = off + mask·(on − off):  d[off, on] = [Σ dy·(1 − mask), Σ dy·mask]
export const OneHot: Rule = ({ b, node, x, dy, needs }) => {
  if (!needs(2)) return [];
  const [indices, depth, values] = x as [string, string, string];
  const bounds = castLike(b, b.tensor(makeTensor("float32", [2], [0, 1])), values);
  const mask = b.op("OneHot", [indices, depth, bounds], { axis: attr.int(node, "axis", -1) });
  const sum = (weights: string) =>
    b.op("Unsqueeze", [b.op("ReduceSum", [mul(b, dy, weights)], { keepdims: 0 }), b.ints([0])]);
  return [null, null, b.op("Concat", [sum(minusFrom(b, 1, mask)), sum(mask)], { axis: 0 })];
};
