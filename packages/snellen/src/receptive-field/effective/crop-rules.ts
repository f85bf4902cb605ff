// What an operator needs of its inputs to compute a window of its output map [N, C, rows, columns], and with which attributes: a
// row per operator. Derived here from the ONNX operator specifications.
import { type AttributeLiteral, attr, BATCH, dimsOf, type GraphBuilder, type Node } from "@snellen/graph";
import { type AlongAxis, FIRST_SPATIAL, windowAlong } from "../theoretical/window-along.ts";

/** First and last index, both inside. */
export type Span = readonly [first: number, last: number];

export type MapWindow = readonly [rows: Span, columns: Span];

export interface Crop {
  /** The window of each input, whose rows and columns are its last two axes; undefined where it is read as it is. */
  readonly reads: readonly (MapWindow | undefined)[];
  /** Attributes that take the place of the node's own; undefined removes one. */
  readonly attributes?: Readonly<Record<string, AttributeLiteral | undefined>>;
}

interface CropContext {
  readonly b: GraphBuilder;
  readonly node: Node;
  /** What is wanted of the output. */
  readonly window: MapWindow;
}

/** Undefined: not on a window alone. */
export type CropRule = (context: CropContext) => Crop | undefined;

/** Cell by cell of the first input; the others (scales, bounds) hold no cells. */
const ofFirst: CropRule = ({ node, window }) => ({
  reads: node.inputs.map((_, i) => (i === 0 ? window : undefined)),
});

/** Rows and columns of a value that is joined by broadcasting: its last two axes, of which it may lack some. Undefined where not known. */
export function gridOf(b: GraphBuilder, value: string): readonly [number, number] | undefined {
  const dims = dimsOf(b.shapes, value)?.slice(-2);
  return dims === undefined || dims.includes(BATCH) ? undefined : [dims.at(-2) ?? 1, dims.at(-1) ?? 1];
}

/** Cell by cell of every input, which may be shorter by broadcasting. */
const ofEvery: CropRule = ({ b, node, window: [rows, columns] }) => {
  const grids = node.inputs.map((name) => gridOf(b, name));
  if (grids.includes(undefined)) return undefined;
  const reads = (grids as (readonly [number, number])[]).map(([h, w]): MapWindow | undefined =>
    h * w === 1 ? undefined : [h === 1 ? [0, 0] : rows, w === 1 ? [0, 0] : columns],
  );
  return { reads };
};

const concat: CropRule = (context) => {
  const axis = attr.int(context.node, "axis");
  return axis === 1 || axis === -3 ? ofEvery(context) : undefined;
};

/** With the statistics of the batch every cell reads every other. */
const batchNormalization: CropRule = (context) =>
  attr.int(context.node, "training_mode", 0) === 0 ? ofFirst(context) : undefined;

/** What windows along one axis read inside the map, and how many cells outside it at either end. */
interface Reach {
  readonly inside: Span;
  readonly pads: readonly [begin: number, end: number];
}

/** Undefined where a window of cells reads padding only. */
function reachAlong(along: AlongAxis, [first, last]: Span): Reach | undefined {
  const { kernel, stride, dilation, pad } = windowAlong(along);
  const begin = first * stride - pad;
  const end = last * stride - pad + (kernel - 1) * dilation;
  const inside: Span = [Math.max(begin, 0), Math.min(end, along.from - 1)];
  return inside[0] > inside[1] ? undefined : { inside, pads: [inside[0] - begin, end - inside[1]] };
}

/** Windows that slide over the first input: what lies outside the map becomes explicit padding. */
const sliding: CropRule = ({ b, node, window }) => {
  const [input, output] = [node.inputs[0] as string, node.outputs[0] as string];
  const [rows, columns] = window.map((span, i) => {
    const axis = FIRST_SPATIAL + i;
    const [from, to] = [b.dims(input)[axis] as number, b.dims(output)[axis] as number];
    return reachAlong({ b, node, output: 0, axis, from, to }, span);
  });
  if (rows === undefined || columns === undefined) return undefined;
  const pads = [rows.pads[0], columns.pads[0], rows.pads[1], columns.pads[1]];
  return {
    reads: node.inputs.map((_, i) => (i === 0 ? [rows.inside, columns.inside] : undefined)),
    attributes: { pads, auto_pad: undefined, ceil_mode: undefined },
  };
};

/** ONNX Runtime refuses pads as long as the window, which clipping makes of few cells at a border. */
const pooling: CropRule = (context) => {
  const crop = sliding(context);
  const kernel = attr.ints(context.node, "kernel_shape") ?? [];
  const pads = crop?.attributes?.pads as readonly number[] | undefined;
  return pads?.every((pad, i) => pad < (kernel[i % kernel.length] as number)) === true ? crop : undefined;
};

/** Where padding counts, a last place that `ceil_mode` lets pass it divides by fewer cells than its window has. */
const averagePooling: CropRule = (context) => {
  const { node } = context;
  const countsPads = attr.int(node, "count_include_pad", 0) === 1;
  return countsPads && attr.int(node, "ceil_mode", 0) === 1 ? undefined : pooling(context);
};

const rows = (operators: string, rule: CropRule): Record<string, CropRule> =>
  Object.fromEntries(operators.split(" ").map((op) => [op, rule]));

/** Standard operators whose first output alone is a map that can be computed on a window. */
export const CROP_RULES: Readonly<Record<string, CropRule | undefined>> = {
  ...rows(
    "Abs Acos Acosh Asin Asinh Atan Atanh Cast Ceil Celu Clip Cos Cosh Dropout Elu Erf Exp Floor Gelu",
    ofFirst,
  ),
  ...rows(
    "HardSigmoid HardSwish Identity LeakyRelu Log LRN Mish Neg Reciprocal Relu Round Selu Shrink",
    ofFirst,
  ),
  ...rows("Sigmoid Sign Sin Sinh Softplus Softsign Sqrt Swish Tan Tanh ThresholdedRelu", ofFirst),
  ...rows("QuantizeLinear DequantizeLinear", ofFirst),
  ...rows("Add Div Max Mean Min Mul Pow PRelu Sub Sum Where", ofEvery),
  ...rows("And Equal Greater GreaterOrEqual Less LessOrEqual Not Or", ofEvery),
  BatchNormalization: batchNormalization,
  Concat: concat,
  Conv: sliding,
  MaxPool: pooling,
  AveragePool: averagePooling,
  LpPool: pooling,
};
