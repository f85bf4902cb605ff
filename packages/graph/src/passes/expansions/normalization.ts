// Normalizations in terms of InstanceNormalization, LayerNormalization and means. Source: the ONNX operators' definitions.
import { attr, type Node } from "../../model.ts";
import { makeTensor } from "../../tensor.ts";
import type { ExpandContext, ExpansionTable } from "../expand-operators.ts";
import { inFloat32, input, reshape, spatialAxes } from "./support.ts";

const filled = ({ emit, dataType }: ExpandContext, like: string, count: number, value: number): string =>
  emit.tensor(
    makeTensor(dataType(like), [count], new Array<number>(count).fill(value)),
    value === 1 ? "ones" : "zeros",
  );

/** Puts a per-channel vector beside [N, C, …]. */
const alongChannels = (context: ExpandContext, vector: string, channels: number, rank: number): string =>
  reshape(context, vector, [channels, ...spatialAxes(rank).map(() => 1)]);

/**
 * Groups of channels become the channels of an InstanceNormalization over [N, G, rest].
 * @param perGroup opset 18 to 20: scale and bias have one entry a group
 */
export function groupNormalization(
  context: ExpandContext,
  x: string,
  { groups, epsilon, scale, bias, perGroup }: GroupNormalization,
): string {
  const { emit, dims, dataType } = context;
  const shape = dims(x);
  const channels = shape[1] as number;
  const grouped = emit.op("Reshape", [x, emit.ints([0, groups, -1])]);
  const ownType = dataType(scale) === dataType(grouped);
  const like = ownType ? scale : grouped;
  const [s, b] = perGroup
    ? [scale, bias]
    : [filled(context, like, groups, 1), filled(context, like, groups, 0)];
  const normal = emit.op("InstanceNormalization", [grouped, s, b], { epsilon: { float: epsilon } });
  const back = reshape(context, normal, shape);
  if (perGroup) return back;
  const scaled = emit.op("Mul", [back, alongChannels(context, scale, channels, shape.length)]);
  return emit.op("Add", [scaled, alongChannels(context, bias, channels, shape.length)]);
}

export interface GroupNormalization {
  readonly groups: number;
  readonly epsilon: number;
  readonly scale: string;
  readonly bias: string;
  readonly perGroup: boolean;
}

/** x / √(mean x² + ε) over the last axes, times a scale. */
export function rmsNormalization(
  context: ExpandContext,
  x: string,
  scale: string,
  { axis, epsilon, stash }: { axis: number; epsilon: number; stash: number },
): string {
  const { emit, dims, scalar } = context;
  const rank = dims(x).length;
  const first = axis < 0 ? axis + rank : axis;
  const axes = emit.ints(Array.from({ length: rank - first }, (_, i) => first + i));
  const normal = inFloat32(context, stash, x, (wide) => {
    const mean = emit.op("ReduceMean", [emit.op("Mul", [wide, wide]), axes]);
    return emit.op("Div", [wide, emit.op("Sqrt", [emit.op("Add", [mean, scalar(epsilon, wide)])])]);
  });
  return emit.op("Mul", [normal, scale]);
}

const groupNorm = (node: Node, context: ExpandContext): string =>
  groupNormalization(context, input(node, 0), {
    groups: attr.int(node, "num_groups"),
    epsilon: attr.float(node, "epsilon", 1e-5),
    scale: input(node, 1),
    bias: input(node, 2),
    perGroup: context.opset < 21,
  });

const rmsNorm = (node: Node, context: ExpandContext): string =>
  rmsNormalization(context, input(node, 0), input(node, 1), {
    axis: attr.int(node, "axis", -1),
    epsilon: attr.float(node, "epsilon", 1e-5),
    stash: attr.int(node, "stash_type", 1),
  });

export const normalization: ExpansionTable = {
  GroupNormalization: groupNorm,
  RMSNormalization: rmsNorm,
  /** ONNX Runtime's name for it, in ONNX's domain. */
  SimplifiedLayerNormalization: (node, context) =>
    context.wants(1) ? context.fail("inverse deviation as an output") : rmsNorm(node, context),
  /** (x - mean) / (σ + 1e-9). */
  MeanVarianceNormalization: (node, { emit, scalar }) => {
    const x = input(node, 0);
    const axes = emit.ints(attr.ints(node, "axes") ?? [0, 2, 3]);
    const centred = emit.op("Sub", [x, emit.op("ReduceMean", [x, axes])]);
    const variance = emit.op("ReduceMean", [emit.op("Mul", [centred, centred]), axes]);
    return emit.op("Div", [centred, emit.op("Add", [emit.op("Sqrt", [variance]), scalar(1e-9, x)])]);
  },
};
