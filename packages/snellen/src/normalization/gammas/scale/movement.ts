// Scaling through operators that move, cut, pool and reduce: all of them pass a factor on, but parts may get mixed up.
// Source: the ONNX operators' definitions.
import { attr, constantOf, dimsOf } from "@snellen/graph";
import { permutationOf } from "../../forms/support.ts";
import {
  bends,
  blends,
  follower,
  fromFront,
  keeps,
  moves,
  onlyOf,
  rankOf,
  type ScaleContext,
  type ScaleRule,
  type ScaleRules,
} from "./rule.ts";
import { blended, type Scaled, settled } from "./scaled.ts";

/** Axes go where the permutation puts them. */
const transposes: ScaleRule = (context) => {
  const state = follower(context);
  if (state.mixed === "unknown" || state.mixed.length === 0) return state;
  const perm = permutationOf(context.node, rankOf(context));
  return { ...state, mixed: state.mixed.map((axis) => perm.indexOf(axis)) };
};

/** An axis is still the same one where it and all before it keep their sizes. */
const reshapes: ScaleRule = (context) => {
  const { flow, node } = context;
  const state = follower(context);
  if (state.mixed === "unknown") return state;
  const [before = [], after = []] = [node.inputs[0], node.outputs[0]].map((name) =>
    dimsOf(flow.shapes, name ?? ""),
  );
  const isSame = (axis: number) => before.slice(0, axis + 1).every((d, i) => d === after[i]);
  return { ...state, mixed: state.mixed.every(isSame) ? state.mixed : "unknown" };
};

/** Windows run along the spatial axes; images and channels (axes 0 and 1) stay apart. */
const windows: ScaleRule = (context) => {
  const state = settled(follower(context));
  const apart = state.mixed !== "unknown" && state.mixed.every((axis) => axis <= 1);
  return apart ? state : blended(state, context.node);
};

/** Parts that lie along a reduced axis get into one number. */
function reduced(context: ScaleContext): Scaled {
  const { flow, node } = context;
  const state = settled(follower(context));
  if (state.mixed.length === 0) return state;
  const axes = constantOf(flow.shapes, node.inputs[1] ?? "")?.map((axis) => fromFront(axis, rankOf(context)));
  const apart =
    state.mixed !== "unknown" && axes !== undefined && !state.mixed.some((axis) => axes.includes(axis));
  if (!apart) return blended(state, node);
  return attr.int(node, "keepdims", 1) === 1 ? state : { ...state, mixed: "unknown" };
}

const squared: ScaleRule = (context) => {
  const state = reduced(context);
  return { ...state, degree: 2 * state.degree };
};

/** Zeros around a value, or parts of itself, scale with it; other constants do not. */
const pads: ScaleRule = (context) => {
  const { flow, node } = context;
  const fill = node.inputs[2] ?? "";
  const isFilled = fill !== "" && attr.string(node, "mode", "constant") === "constant";
  const isZero = !isFilled || constantOf(flow.shapes, fill)?.every((v) => v === 0) === true;
  return (isZero ? keeps : bends("constant around it in"))(context);
};

const mixes = onlyOf(0, (context) => blended(settled(follower(context)), context.node));
const reduces = onlyOf(0, reduced);
const pools = onlyOf(0, windows);
const cuts = onlyOf(0, keeps);

export const movement: ScaleRules = {
  Cast: moves,
  CastLike: moves,
  Dropout: moves,
  Expand: moves,
  Identity: moves,
  Tile: moves,
  Transpose: transposes,
  Flatten: reshapes,
  Reshape: onlyOf(0, reshapes),
  Squeeze: onlyOf(0, reshapes),
  Unsqueeze: onlyOf(0, reshapes),
  Gather: cuts,
  GatherElements: cuts,
  GatherND: cuts,
  ReverseSequence: cuts,
  Slice: cuts,
  Split: cuts,
  Trilu: cuts,
  Pad: onlyOf(0, pads),
  AveragePool: pools,
  GlobalAveragePool: pools,
  GlobalLpPool: pools,
  GlobalMaxPool: pools,
  LpPool: pools,
  MaxPool: pools,
  Resize: pools,
  Upsample: pools,
  ReduceL1: reduces,
  ReduceL2: reduces,
  ReduceMax: reduces,
  ReduceMean: reduces,
  ReduceMin: reduces,
  ReduceSum: reduces,
  ReduceSumSquare: onlyOf(0, squared),
  ReduceLogSumExp: blends("ReduceLogSumExp"),
  Col2Im: mixes,
  CumSum: mixes,
  DepthToSpace: mixes,
  GridSample: mixes,
  MaxRoiPool: mixes,
  MaxUnpool: mixes,
  RoiAlign: mixes,
  SpaceToDepth: mixes,
  TopK: mixes,
};
