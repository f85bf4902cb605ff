// Lays a feature value out as [N, K, h, w], whatever layout the network keeps it in: NHWC maps turned, class and register
// tokens cut off, tokens put on their grid.
import { BATCH, type GraphBuilder } from "@snellen/graph";
import type { SpatialLayout } from "../vision-model/layout.ts";

export function toFeatureMap(b: GraphBuilder, value: string, layout: SpatialLayout): string {
  const [h, w] = layout.grid;
  const grid = layout.kind === "tokens" ? gridTokens(b, value, layout) : value;
  const rank = b.rank(grid);
  const batch = Array.from({ length: rank }, (_, axis) => axis).filter(
    (axis) => axis !== layout.channelAxis && !layout.spatialAxes.includes(axis),
  );
  const perm = [...batch, layout.channelAxis, ...layout.spatialAxes];
  const turned = perm.every((axis, i) => axis === i) ? grid : b.op("Transpose", [grid], { perm });
  const channels = b.dims(turned)[batch.length] as number;
  const isMap = rank === 4 && layout.kind === "map";
  const map = isMap ? turned : b.op("Reshape", [turned, b.ints([batchOf(b, turned), channels, h, w])]);
  return b.dataType(map) === "float32" ? map : b.op("Cast", [map], { to: 1 });
}

const batchOf = (b: GraphBuilder, value: string): number =>
  b.dims(value)[0] === BATCH ? BATCH : (b.dims(value)[0] as number);

function gridTokens(
  b: GraphBuilder,
  value: string,
  { prefix, suffix, grid, spatialAxes }: SpatialLayout,
): string {
  if (prefix + suffix === 0) return value;
  const end = prefix + grid[0] * grid[1];
  return b.op("Slice", [value, b.ints([prefix]), b.ints([end]), b.ints(spatialAxes)]);
}
