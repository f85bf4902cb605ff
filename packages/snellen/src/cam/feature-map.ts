// Lays a feature value out as [N, K, h, w], whatever layout the network keeps it in: NHWC maps turned, class and register
// tokens cut off, tokens put on their grid in whatever order they are kept.
import { BATCH, type GraphBuilder } from "@snellen/graph";
import { asFloat } from "../vision-model/as-float.ts";
import type { SpatialLayout, TokenFactor } from "../vision-model/space.ts";

/** A feature layer's value as float32 [N, K, h, w]. */
export function toFeatureMap(b: GraphBuilder, value: string, layout: SpatialLayout): string {
  const map = layout.kind === "map" ? fromMap(b, value, layout) : fromTokens(b, value, layout);
  return asFloat(b, map);
}

function fromMap(b: GraphBuilder, value: string, { channelAxis, spatialAxes, grid }: SpatialLayout): string {
  const turned = transposed(b, value, [channelAxis, ...spatialAxes]);
  if (b.rank(value) === 4) return turned;
  return b.op("Reshape", [turned, b.ints([batchOf(b, turned), channelsOf(b, value, channelAxis), ...grid])]);
}

function fromTokens(b: GraphBuilder, value: string, layout: SpatialLayout): string {
  const { prefix, suffix, grid, channelAxis } = layout;
  const channels = channelsOf(b, value, channelAxis);
  const count = prefix + grid[0] * grid[1] + suffix;
  const isRows = layout.kind === "rows";
  const tokens = isRows ? b.op("Reshape", [value, b.ints([-1, count, channels])]) : value;
  const axis = isRows ? 1 : (layout.spatialAxes[0] as number);
  const cells =
    prefix + suffix === 0
      ? tokens
      : b.op("Slice", [tokens, b.ints([prefix]), b.ints([count - suffix]), b.ints([axis])]);
  const turned = transposed(b, cells, [isRows ? 2 : channelAxis, axis]);
  const batch = batchOf(b, turned);
  if (layout.order === undefined) return b.op("Reshape", [turned, b.ints([batch, channels, ...grid])]);
  const { order } = layout;
  const split = b.op("Reshape", [turned, b.ints([batch, channels, ...order.map((f) => f.size)])]);
  const along = (axis: 0 | 1) =>
    [...order.keys()]
      .filter((i) => order[i]?.axis === axis)
      .sort((i, j) => stepOf(order, j) - stepOf(order, i));
  const perm = [...along(0), ...along(1)].map((i) => i + 2);
  const sorted = b.op("Transpose", [split], { perm: [0, 1, ...perm] });
  return b.op("Reshape", [sorted, b.ints([batch, channels, ...grid])]);
}

const stepOf = (order: readonly TokenFactor[], i: number): number => order[i]?.step ?? 0;

/** Moves these axes behind all others, in this order. */
function transposed(b: GraphBuilder, value: string, last: readonly number[]): string {
  const axes = Array.from({ length: b.rank(value) }, (_, axis) => axis);
  const perm = [...axes.filter((axis) => !last.includes(axis)), ...last];
  return perm.every((axis, i) => axis === i) ? value : b.op("Transpose", [value], { perm });
}

const channelsOf = (b: GraphBuilder, value: string, axis: number): number => b.dims(value)[axis] as number;

const batchOf = (b: GraphBuilder, value: string): number =>
  b.dims(value)[0] === BATCH ? BATCH : (b.dims(value)[0] as number);

/** A value of the image input's layout as float32 [N, C, H, W]. */
export function toPicture(b: GraphBuilder, value: string, layout: "NCHW" | "NHWC"): string {
  const turned = layout === "NCHW" ? value : b.op("Transpose", [value], { perm: [0, 3, 1, 2] });
  return asFloat(b, turned);
}
