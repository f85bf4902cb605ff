// Group normalization written as nodes that every operator set has: Reshape to [N, G, rest] → InstanceNormalization → back.
// Wu and He, arXiv:1803.08494; the form is that of PyTorch's exporters.
import { type DataType, makeTensor, type Tensor } from "@snellen/graph";
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

export interface GroupStatistics {
  readonly groups: number;
  readonly epsilon: number;
  /** Axes of the value. */
  readonly rank: number;
  /** Where its channels are. */
  readonly channelAxis: number;
  readonly dataType: DataType;
}

/** Adds (x − mean) / √(variance + ε), statistics over each group of channels and all positions; same shape as `x`. */
export function addGroupStatistics(to: NodeWriter, x: string, wanted: GroupStatistics): string {
  const { groups, epsilon, rank, channelAxis, dataType } = wanted;
  const [forth, back] = channelsFirst(rank, channelAxis);
  const first = forth === undefined ? x : to.op("Transpose", [x], { perm: forth });
  const grouped = to.op("Reshape", [first, to.ints([0, groups, -1])]);
  const filled = (value: number) =>
    to.tensor(makeTensor(dataType, [groups], new Array<number>(groups).fill(value)), `${value}s`);
  const normal = to.op("InstanceNormalization", [grouped, filled(1), filled(0)], {
    epsilon: { float: epsilon },
  });
  const whole = to.op("Reshape", [normal, to.op("Shape", [first])]);
  return back === undefined ? whole : to.op("Transpose", [whole], { perm: back });
}

export interface Affine {
  readonly scale: string | null;
  readonly bias: string | null;
  /** Numbers a group instead of a channel: how many channels each of them is for; else 1. */
  readonly repeat: number;
}

/**
 * Adds γ · x + β, either of which may be missing.
 * @param isVector whether a constant has one number a channel (or group); others have the shape of a whole map
 */
export function addAffine(
  to: NodeWriter,
  x: string,
  { scale, bias, repeat }: Affine,
  { rank, channelAxis }: Pick<GroupStatistics, "rank" | "channelAxis">,
  isVector: (constant: string) => boolean,
): string {
  const shape = Array.from({ length: rank - channelAxis }, (_, i) => (i === 0 ? -1 : 1));
  const along = (constant: string): string => {
    if (!isVector(constant)) return constant;
    const whole = repeat === 1 ? constant : perChannel(to, constant, repeat);
    return shape.length === 1 ? whole : to.op("Reshape", [whole, to.ints(shape)]);
  };
  const scaled = scale === null ? x : to.op("Mul", [x, along(scale)]);
  return bias === null ? scaled : to.op("Add", [scaled, along(bias)]);
}

/**
 * Adds a normalization again with other groups of channels.
 * @returns what stands for its `normalized`: with scale and bias where these are no nodes of their own
 */
export function addRegrouped(
  to: NodeWriter,
  normalization: Normalization,
  place: Omit<GroupStatistics, "epsilon" | "channelAxis">,
  isVector: (constant: string) => boolean,
): string {
  const { input, normalized, output, channelAxis, channels, groups, epsilon, perGroup } = normalization;
  const statistics = addGroupStatistics(to, input, { ...place, channelAxis, epsilon });
  if (normalized !== output) return statistics;
  const repeat = perGroup && groups !== null ? channels / groups : 1;
  return addAffine(to, statistics, { ...normalization, repeat }, { ...place, channelAxis }, isVector);
}

/** One number a group → one a channel. */
function perChannel(to: NodeWriter, vector: string, repeat: number): string {
  const column = to.op("Unsqueeze", [vector, to.ints([1])]);
  return to.op("Reshape", [to.op("Tile", [column, to.ints([1, repeat])]), to.ints([-1])]);
}

/** Permutations that put the channels at axis 1, and back; undefined where they are there. */
function channelsFirst(
  rank: number,
  channelAxis: number,
): readonly [readonly number[] | undefined, readonly number[] | undefined] {
  if (channelAxis === 1) return [undefined, undefined];
  const others = Array.from({ length: rank }, (_, axis) => axis).filter((axis) => axis !== channelAxis);
  const forth = [others[0] as number, channelAxis, ...others.slice(1)];
  return [forth, forth.map((_, axis) => forth.indexOf(axis))];
}
