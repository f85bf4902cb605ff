// Which cells of its input a cell of an operator's output reads, along one axis: a row per operator. Derived here from the ONNX
// operator specifications; checked by perturbation in theoretical.test.ts.
import { attr, type Node } from "@snellen/graph";
import { resamplingAlong } from "./resize-along.ts";
import { type AlongAxis, FIRST_SPATIAL, transposedWindowAlong, windowAlong } from "./window-along.ts";

/**
 * Output cell o reads input cells o·ratio + first … o·ratio + last. Where output cells read differently by turns (transposed
 * convolution, resizing: phases), this is the hull over the turns.
 */
export interface Reads {
  readonly ratio: number;
  readonly first: number;
  readonly last: number;
}

/** Undefined: every cell, or not known. */
export type ReadsRule = (along: AlongAxis) => Reads | undefined;

export const SAME_CELL: Reads = { ratio: 1, first: 0, last: 0 };

/** Neighbours put together, as tokens pooled by a reshape and a mean. */
export const joined = (cells: number): Reads => ({ ratio: cells, first: 0, last: cells - 1 });

const from = (first: number, ratio = 1): Reads => ({ ratio, first, last: first });

type Span = readonly [o: number, first: number, last: number];

/** Hull of the spans of cells read by output cells. */
function hullOfSpans(ratio: number, spans: readonly Span[]): Reads {
  let [low, high] = [Number.POSITIVE_INFINITY, Number.NEGATIVE_INFINITY];
  for (const [o, first, last] of spans) {
    low = Math.min(low, first - o * ratio);
    high = Math.max(high, last - o * ratio);
  }
  return { ratio, first: low, last: high };
}

const windowed: ReadsRule = (along) => {
  if (along.axis < FIRST_SPATIAL) return SAME_CELL;
  const { kernel, stride, dilation, pad } = windowAlong(along);
  return { ratio: stride, first: -pad, last: (kernel - 1) * dilation - pad };
};

/** Output cell o takes from input cell i where o = i·stride − pad + k·dilation for some k. */
const transposed: ReadsRule = (along) => {
  const { kernel, stride, dilation, pad } = transposedWindowAlong(along);
  const taps = Array.from({ length: kernel }, (_, k) => k * dilation);
  const spans = Array.from({ length: stride }, (_, o) => {
    const cells = taps.map((tap) => (o + pad - tap) / stride).filter(Number.isInteger);
    return [o, Math.min(...cells), Math.max(...cells)] as const;
  });
  // a kernel smaller than its stride leaves out some turns, which read nothing
  return hullOfSpans(
    1 / stride,
    spans.filter(([, first]) => Number.isFinite(first)),
  );
};

const resized: ReadsRule = (along) => {
  const resampling = resamplingAlong(along);
  if (resampling === undefined) return undefined;
  const spans = Array.from({ length: along.to }, (_, o) => [o, ...resampling.span(o)] as const);
  return hullOfSpans(resampling.ratio, spans);
};

const depthToSpace: ReadsRule = ({ node }) => {
  const block = attr.int(node, "blocksize");
  return { ratio: 1 / block, first: 1 / block - 1, last: 0 };
};

const padded: ReadsRule = ({ b, node, axis }) => {
  const pads = b.constant(node.inputs[1] ?? "");
  if (pads === undefined) return undefined;
  const at = placeIn(namedAxes(node, 3, { b, count: pads.length / 2 }), axis);
  return from(-(pads[at] ?? 0));
};

/** What a Slice does along an axis: its first cell and its step, negative where it turns the axis round. */
export function cutAlong({
  b,
  node,
  axis,
  from: size,
}: AlongAxis): { start: number; step: number } | undefined {
  const starts = b.constant(node.inputs[1] ?? "");
  if (starts === undefined) return undefined;
  const at = placeIn(namedAxes(node, 3, { b, count: starts.length }), axis);
  if (at < 0) return { start: 0, step: 1 };
  const step = node.inputs[4] ? b.constant(node.inputs[4])?.[at] : 1;
  const given = starts[at] as number;
  const start = given < 0 ? given + size : given;
  return step === undefined
    ? undefined
    : { step, start: Math.max(0, Math.min(start, step < 0 ? size - 1 : size)) };
}

/** The axes that an optional input names, counted from the front; all in order without it. */
function namedAxes(
  node: Node,
  input: number,
  { b, count }: { readonly b: AlongAxis["b"]; readonly count: number },
): readonly number[] {
  const name = node.inputs[input] ?? "";
  const axes = name === "" ? undefined : b.constant(name);
  const rank = b.rank(node.inputs[0] as string);
  return axes?.map((a) => (a < 0 ? a + rank : a)) ?? Array.from({ length: count }, (_, i) => i);
}

const placeIn = (axes: readonly number[], axis: number): number => axes.indexOf(axis);

const sliced: ReadsRule = (along) => {
  const cut = cutAlong(along);
  return cut && from(cut.start, cut.step);
};

const split: ReadsRule = ({ b, node, output, axis }) => {
  const given = attr.int(node, "axis", 0);
  if ((given < 0 ? given + b.rank(node.inputs[0] as string) : given) !== axis) return SAME_CELL;
  const before = node.outputs.slice(0, output);
  return from(before.reduce((n, name) => n + (b.dims(name)[axis] as number), 0));
};

/** Operators over array axes that see other cells than their own, by "Op" or "domain::Op". */
export const WINDOWS: Readonly<Record<string, ReadsRule | undefined>> = {
  Conv: windowed,
  ConvInteger: windowed,
  QLinearConv: windowed,
  "com.microsoft::FusedConv": windowed,
  MaxPool: windowed,
  AveragePool: windowed,
  LpPool: windowed,
  ConvTranspose: transposed,
  Resize: resized,
  DepthToSpace: depthToSpace,
  SpaceToDepth: ({ node }) => joined(attr.int(node, "blocksize")),
};

/** Operators that only cut or lengthen axes; of tokens they touch those that are no part of the grid. */
export const CUTS: Readonly<Record<string, ReadsRule | undefined>> = {
  Pad: padded,
  Slice: sliced,
  Split: split,
};

/** Operators that mix what lies along some axes and keep the others apart: those axes, which may be negative, of a rank. */
export const ALONG_AXES: Readonly<
  Record<string, ((node: Node, rank: number) => readonly number[]) | undefined>
> = {
  ...Object.fromEntries(
    ["Softmax", "LogSoftmax", "Hardmax", "LpNormalization"].map((op) => [
      op,
      (n: Node) => [attr.int(n, "axis", -1)],
    ]),
  ),
  ...Object.fromEntries(
    ["LayerNormalization", "RMSNormalization", "SimplifiedLayerNormalization"].map((op) => [
      op,
      (n: Node, rank: number) => {
        const axis = attr.int(n, "axis", -1);
        return Array.from({ length: axis < 0 ? -axis : rank - axis }, (_, i) => -1 - i);
      },
    ]),
  ),
  "com.microsoft::SkipLayerNormalization": () => [-1],
  LRN: () => [1],
};

/** Operators that read, of each input that has the output's grid, the same cell (or the cells that they join); nothing else does. */
export const CELL_BY_CELL: ReadonlySet<string> = new Set(
  [
    "Abs Acos Acosh Add And Asin Asinh Atan Atanh BatchNormalization BitCast BitShift BitwiseAnd BitwiseNot BitwiseOr",
    "BitwiseXor Cast CastLike Ceil Celu Clip Concat Cos Cosh DequantizeLinear Div Dropout Einsum Elu Equal Erf Exp Expand",
    "Flatten Floor Gather Gelu Gemm Greater GreaterOrEqual HardSigmoid HardSwish Identity IsInf IsNaN LeakyRelu Less",
    "LessOrEqual Log MatMul MatMulInteger Max Mean Min Mish Mod Mul Neg Not Or PRelu Pow QuantizeLinear Reciprocal",
    "ReduceL1 ReduceL2 ReduceLogSum ReduceLogSumExp ReduceMax ReduceMean ReduceMin ReduceProd ReduceSum",
    "ReduceSumSquare Relu Reshape Round Selu Shrink Sigmoid Sign Sin Sinh Softplus Softsign Sqrt Squeeze Sub Sum Swish",
    "Tan Tanh ThresholdedRelu Tile Transpose Unsqueeze Where Xor",
    "com.microsoft::BiasGelu com.microsoft::FastGelu com.microsoft::Gelu com.microsoft::QuickGelu",
    "com.microsoft::QLinearLeakyRelu com.microsoft::QLinearSigmoid",
  ].flatMap((line) => line.split(" ")),
);
