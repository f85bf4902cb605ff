// Group normalization written as nodes that every operator set has: Reshape to [N, G, rest] → InstanceNormalization → back.
// Wu and He, arXiv:1803.08494; the form is that of PyTorch's exporters.
import { codeOfDataType, type DataType, elementCount, makeTensor, type Tensor } from "@snellen/graph";
import type { Normalization } from "../normalization.ts";

/** What a builder and an emitter share. */
export interface NodeWriter {
  op(
    opType: string,
    inputs: readonly string[],
    attributes?: Readonly<
      Record<string, number | readonly number[] | { readonly float: number } | undefined>
    >,
  ): string;
  ints(values: readonly number[]): string;
  tensor(tensor: Tensor, wish?: string): string;
}

/** What is known of a value of the graph that is written to. */
export interface KnownType {
  readonly dataType: DataType;
  readonly dims: readonly number[];
}

type Statistics = Pick<Normalization, "channelAxis" | "channels" | "epsilon" | "acrossPositions">;

/**
 * Adds (x − mean) / √(variance + ε), statistics over each group of channels and all positions, or at each position where the
 * normalization works on single ones; same shape and type as `x`.
 */
export function addGroupStatistics(
  to: NodeWriter,
  x: string,
  { channelAxis, channels, epsilon, acrossPositions }: Statistics,
  groups: number,
  { dims: { length: rank }, dataType }: KnownType,
): string {
  const isWithin = !acrossPositions && rank > 2;
  const [forth, back] = moved(rank, channelAxis, isWithin ? rank - 1 : 1);
  const first = forth === undefined ? x : to.op("Transpose", [x], { perm: forth });
  const shape = isWithin ? [-1, groups, channels / groups] : [0, groups, -1];
  const grouped = to.op("Reshape", [first, to.ints(shape)]);
  const filled = (value: number, name: string) =>
    to.tensor(makeTensor(dataType, [groups], new Array<number>(groups).fill(value)), name);
  const normal = to.op("InstanceNormalization", [grouped, filled(1, "ones"), filled(0, "zeros")], {
    epsilon: { float: epsilon },
  });
  const whole = to.op("Reshape", [normal, to.op("Shape", [first])]);
  return back === undefined ? whole : to.op("Transpose", [whole], { perm: back });
}

/**
 * Adds a normalization again with other groups of channels.
 * @param typeOf of its input, output, scale and bias
 * @returns what stands for its `normalized`: with scale and bias where these are no nodes of their own
 */
export function addRegrouped(
  to: NodeWriter,
  normalization: Normalization,
  groups: number,
  typeOf: (value: string) => KnownType,
): string {
  const { input, normalized, output, scale, bias } = normalization;
  const { dims, dataType } = { ...typeOf(input), dataType: typeOf(normalized).dataType };
  const cast = (value: string): string =>
    typeOf(value).dataType === dataType ? value : to.op("Cast", [value], { to: codeOfDataType(dataType) });
  const statistics = addGroupStatistics(to, cast(input), normalization, groups, { dims, dataType });
  if (normalized !== output) return statistics;
  const along = (constant: string): string =>
    beside(to, cast(constant), typeOf(constant).dims, normalization, dims);
  const scaled = scale === null ? statistics : to.op("Mul", [statistics, along(scale)]);
  return bias === null ? scaled : to.op("Add", [scaled, along(bias)]);
}

/**
 * A scale or bias as it lies beside x.
 * Case 1: one number a channel, in whatever shape → along the channels.
 * Case 2: fewer, one a group (of the old groups), or one a channel of any group → repeated to one a channel.
 * Case 3: more, one an element of an image → as it is, or in the shape of an image.
 */
function beside(
  to: NodeWriter,
  constant: string,
  own: readonly number[],
  { channels, channelAxis, perGroup }: Normalization,
  dims: readonly number[],
): string {
  const reshaped = (value: string, shape: readonly number[]) => to.op("Reshape", [value, to.ints(shape)]);
  const count = elementCount(own);
  const ones = new Array<number>(Math.max(0, dims.length - own.length)).fill(1);
  const padded = [...ones, ...own];
  const fits = padded.length === dims.length && padded.every((d, axis) => d === 1 || d === dims[axis]);
  if (count > channels) return fits ? constant : reshaped(constant, dims.slice(1));
  if (count === channels && fits && padded.every((d, axis) => d === 1 || axis === channelAxis))
    return constant;
  const times = channels / count;
  const column = times === 1 ? constant : reshaped(constant, perGroup ? [-1, 1] : [1, -1]);
  const repeats = perGroup ? [1, times] : [times, 1];
  const whole = times === 1 ? constant : to.op("Tile", [column, to.ints(repeats)]);
  return reshaped(whole, [-1, ...new Array<number>(dims.length - channelAxis - 1).fill(1)]);
}

/** Permutations that put the channels at an axis, and back; undefined where they are there. */
function moved(
  rank: number,
  from: number,
  to: number,
): readonly [readonly number[] | undefined, readonly number[] | undefined] {
  if (from === to) return [undefined, undefined];
  const forth = Array.from({ length: rank }, (_, axis) => axis);
  forth.splice(from, 1);
  forth.splice(to, 0, from);
  return [forth, forth.map((_, axis) => forth.indexOf(axis))];
}
