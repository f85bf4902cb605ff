// What changed in each operator between ONNX operator sets, as one small function a step. Versions that only admitted further
// element types have no entry. Source: ONNX's operator changelog (schemas 1–25); the numbers are those versions.
import type { DataType } from "../data-type.ts";
import { type Attribute, attr, makeNode, type Node, toAttributes } from "../model.ts";
import type { ValueType } from "../shapes/value-type.ts";
import { makeTensor, type Tensor, tensorNumbers } from "../tensor.ts";
import type { Emitter } from "./emitter.ts";
import { EXPERIMENTAL_CONVERTERS } from "./upgrade-experimental.ts";

export interface UpgradeContext {
  readonly emitter: Emitter;
  readonly target: number;
  /** Type of a value, when it could be inferred. */
  type(name: string): ValueType | undefined;
  /** Element type of a node's first input; float32 when it is not known. */
  inputType(node: Node): DataType;
  /** Contents of an initializer. */
  constant(name: string): Tensor | undefined;
  isRead(name: string | undefined): boolean;
  /** Refuses the conversion with a reason. */
  fail(reason: string): never;
}

/** Gives the node that stands for an old one as of a version; what it needs before goes through the emitter. */
export type Converter = (node: Node, context: UpgradeContext) => Node;

export interface Step {
  /** First operator set in which the new form is valid. */
  readonly since: number;
  readonly convert: Converter;
  /** True when ranks or element types must be known. */
  readonly typed?: boolean;
}

type Attributes = Readonly<Record<string, Attribute>>;

const without = (attributes: Attributes, ...names: string[]): Attributes =>
  Object.fromEntries(Object.entries(attributes).filter(([name]) => !names.includes(name)));

/** The node with other inputs and some attributes gone. */
const withInputs = (node: Node, inputs: readonly string[], ...dropped: string[]): Node => ({
  ...node,
  inputs: trimmed(inputs),
  attributes: without(node.attributes, ...dropped),
});

const trimmed = (inputs: readonly string[]): readonly string[] => {
  let end = inputs.length;
  while (end > 0 && inputs[end - 1] === "") end--;
  return inputs.slice(0, end);
};

const rankOf = (name: string | undefined, { type, fail }: UpgradeContext): number =>
  type(name ?? "")?.dims.length ?? fail(`the rank of "${name}" is not known`);

/** Reduce*, Squeeze, Unsqueeze: axes became an input. */
const axesToInput: Converter = (node, { emitter }) => {
  const axes = attr.ints(node, "axes");
  return withInputs(node, [node.inputs[0] ?? "", axes === undefined ? "" : emitter.ints(axes)], "axes");
};

/** Binary operators before 7: shapes were equal, or B was laid along A's axes from `axis` on. */
const legacyBroadcast: Converter = (node, context) => {
  const axis = attr.int(node, "axis", -1);
  const [a, b] = [node.inputs[0] ?? "", node.inputs[1] ?? ""];
  const plain = withInputs(node, [a, b], "broadcast", "axis");
  if (attr.int(node, "broadcast", 0) === 0 || axis === -1) return plain;
  const [rankA, rankB] = [rankOf(a, context), rankOf(b, context)];
  const trailing = rankA - (axis < 0 ? axis + rankA : axis) - rankB;
  return trailing <= 0 ? plain : { ...plain, inputs: [a, unsqueezeEnd(b, rankB, trailing, context)] };
};

/** Appends axes of size 1, in whatever form the target has (the emitted node is not converted again). */
const unsqueezeEnd = (value: string, rank: number, count: number, { emitter }: UpgradeContext): string =>
  emitter.op("Unsqueeze", [value, emitter.ints(Array.from({ length: count }, (_, i) => rank + i))]);

/** PRelu before 7: a slope of C elements belonged to axis 1. */
const slopeToChannels: Converter = (node, context) => {
  const [x, slope] = [node.inputs[0] ?? "", node.inputs[1] ?? ""];
  const dims = (context.constant(slope) ?? context.type(slope))?.dims;
  const rank = rankOf(x, context);
  if (dims?.length !== 1 || dims[0] === 1 || rank <= 2) return node;
  return withInputs(node, [x, unsqueezeEnd(slope, 1, rank - 2, context)]);
};

/** BatchNormalization before 7 and 9: flags that today's operator has no place for. */
const dropSpatial: Converter = (node, { fail }) => {
  if (attr.int(node, "spatial", 1) === 0) return fail("spatial=0 normalizes each activation on its own");
  return { ...node, attributes: without(node.attributes, "spatial", "is_test") };
};

/** BatchNormalization before 14: five outputs meant training; running statistics are outputs 1 and 2 of both. */
const batchNormTraining: Converter = (node, { isRead, fail }) => {
  if (!node.outputs.slice(1).some(isRead)) return { ...node, outputs: node.outputs.slice(0, 1) };
  if (node.outputs.slice(3).some(isRead))
    return fail("saved_mean and saved_var of a training graph are used");
  const attributes = { ...node.attributes, ...toAttributes({ training_mode: 1 }) };
  return { ...node, outputs: node.outputs.slice(0, 3), attributes };
};

/** Dropout before 7: at inference it passes its input on, whatever `is_test` says. */
const dropIsTest: Converter = (node) => ({ ...node, attributes: without(node.attributes, "is_test") });

const refuseMask: Converter = (node, { isRead, fail }) =>
  isRead(node.outputs[1])
    ? fail("its mask had the data's type and is used")
    : { ...node, outputs: node.outputs.slice(0, 1) };

const ratioToInput: Converter = (node, { emitter }) =>
  withInputs(node, [node.inputs[0] ?? "", emitter.scalar(attr.float(node, "ratio", 0.5))], "ratio");

const clipToInputs: Converter = (node, context) => {
  const type = context.inputType(node);
  const bound = (name: string): string =>
    attr.has(node, name) ? context.emitter.scalar(attr.float(node, name), type) : "";
  return withInputs(node, [node.inputs[0] ?? "", bound("min"), bound("max")], "min", "max");
};

const padToInputs: Converter = (node, context) => {
  const pads = attr.ints(node, attr.has(node, "paddings") ? "paddings" : "pads") ?? [];
  const value = attr.float(node, "value", 0);
  const inputs = [
    node.inputs[0] ?? "",
    context.emitter.ints(pads),
    value === 0 ? "" : context.emitter.scalar(value, context.inputType(node)),
  ];
  return withInputs(node, inputs, "pads", "paddings", "value");
};

const sliceToInputs: Converter = (node, { emitter }) => {
  const axes = attr.ints(node, "axes");
  const inputs = [
    node.inputs[0] ?? "",
    emitter.ints(attr.ints(node, "starts") ?? []),
    emitter.ints(attr.ints(node, "ends") ?? []),
    axes === undefined ? "" : emitter.ints(axes),
  ];
  return withInputs(node, inputs, "starts", "ends", "axes");
};

/** Split 13: sizes became an input (Split 1 had it as an input already). */
const splitToInput: Converter = (node, { emitter }) => {
  const sizes = attr.ints(node, "split");
  const given = sizes === undefined ? (node.inputs[1] ?? "") : emitter.ints(sizes);
  return withInputs(node, [node.inputs[0] ?? "", given], "split");
};

/** Split 18: without sizes the number of parts is stated. */
const splitCount: Converter = (node) =>
  (node.inputs[1] ?? "") !== "" || attr.has(node, "num_outputs")
    ? node
    : { ...node, attributes: { ...node.attributes, ...toAttributes({ num_outputs: node.outputs.length }) } };

const topKToInput: Converter = (node, { emitter }) =>
  withInputs(node, [node.inputs[0] ?? "", emitter.ints([attr.int(node, "k")])], "k");

const reshapeToInput: Converter = (node, { emitter }) =>
  attr.has(node, "shape")
    ? withInputs(node, [node.inputs[0] ?? "", emitter.ints(attr.ints(node, "shape") ?? [])], "shape")
    : node;

/** Tile 1 repeated one axis. */
const tileToRepeats: Converter = (node, context) => {
  if (node.inputs.length < 3) return node;
  const [x, tiles, axis] = node.inputs as [string, string, string];
  const constants = [context.constant(tiles), context.constant(axis)];
  const [count, at] = constants.map((t) => t && tensorNumbers(t)[0]);
  if (count === undefined || at === undefined) return context.fail("tiles and axis are not constants");
  const repeats = Array.from({ length: rankOf(x, context) }, (_, i) => (i === at ? count : 1));
  return withInputs(node, [x, context.emitter.ints(repeats)]);
};

const concatAxis: Converter = (node) =>
  attr.has(node, "axis")
    ? node
    : { ...node, attributes: { ...node.attributes, ...toAttributes({ axis: 1 }) } };

/** Cast before 6 named its type. */
const CAST_CODES: Readonly<Record<string, number>> = {
  FLOAT: 1,
  UINT8: 2,
  INT8: 3,
  UINT16: 4,
  INT16: 5,
  INT32: 6,
  INT64: 7,
  STRING: 8,
  BOOL: 9,
  FLOAT16: 10,
  DOUBLE: 11,
  UINT32: 12,
  UINT64: 13,
};
const castCode: Converter = (node, { fail }) => {
  const to = node.attributes.to;
  if (to?.type !== "string") return node;
  const code = CAST_CODES[to.value.toUpperCase()] ?? fail(`it casts to "${to.value}"`);
  return { ...node, attributes: { ...node.attributes, ...toAttributes({ to: code }) } };
};

const norm = (node: Node): Node => {
  const p = node.attributes.p;
  if (p?.type !== "float") return node;
  return { ...node, attributes: { ...node.attributes, ...toAttributes({ p: Math.round(p.value) }) } };
};

/** Upsample and Resize 10: asymmetric coordinates; nearest takes the floor when growing, the ceiling when shrinking. */
const resizeFromScales = (node: Node, scales: string, mode: string, nearest: string): Node =>
  makeNode("Resize", [node.inputs[0] ?? "", "", scales], node.outputs, {
    name: node.name,
    attributes: { mode, coordinate_transformation_mode: "asymmetric", nearest_mode: nearest },
  });

const MODES: Readonly<Record<string, string>> = { bilinear: "linear", trilinear: "linear" };
const modeOf = (node: Node): string => {
  const mode = attr.string(node, "mode", "nearest");
  return MODES[mode] ?? mode;
};

const upsampleToResize: Converter = (node, { emitter }) => {
  const floats = (values: readonly number[]): string =>
    emitter.tensor(makeTensor("float32", [values.length], values), "scales");
  const scales = attr.floats(node, "scales");
  if (scales !== undefined) return resizeFromScales(node, floats(scales), modeOf(node), "floor");
  if (node.inputs.length > 1) return resizeFromScales(node, node.inputs[1] as string, modeOf(node), "floor");
  const size = [attr.float(node, "height_scale"), attr.float(node, "width_scale")];
  return resizeFromScales(node, floats([1, 1, ...size]), modeOf(node), "floor");
};

const resizeFromTen: Converter = (node, { constant, fail }) => {
  const scales = node.inputs[1] ?? "";
  const tensor = constant(scales);
  const values = tensor ? tensorNumbers(tensor) : [1];
  const [grows, shrinks] = [values.some((s) => s > 1), values.some((s) => s < 1)];
  if (grows && shrinks && modeOf(node) === "nearest")
    return fail("it grows along one axis and shrinks along another");
  return resizeFromScales(node, scales, modeOf(node), shrinks ? "ceil" : "floor");
};

/**
 * Softmax, LogSoftmax, Hardmax before 13 worked on the input flattened to two dimensions at `axis` (default 1).
 * Case 1: every axis after `axis` has size 1 → the same operator along `axis`.
 * Case 2: otherwise, or when the shape is not known → Flatten, the operator, back to the shape of the input.
 */
const flattenedToAxis: Converter = (node, { type, emitter }) => {
  const x = node.inputs[0] ?? "";
  const dims = type(x)?.dims;
  const given = attr.int(node, "axis", 1);
  const axis = given < 0 && dims !== undefined ? given + dims.length : given;
  if (given === -1 || dims?.slice(axis + 1).every((d) => d === 1))
    return { ...node, attributes: toAttributes({ axis }) };
  const shape = emitter.op("Shape", [x]);
  const rows = emitter.op("Flatten", [x], { axis });
  const result = emitter.op(node.opType, [rows], { axis: 1 });
  return makeNode("Reshape", [result, shape], node.outputs, { name: node.name });
};

const scatterElements: Converter = (node) => ({ ...node, opType: "ScatterElements" });

const gridModes: Converter = (node) => {
  const mode = ({ bilinear: "linear", bicubic: "cubic" } as Record<string, string>)[
    attr.string(node, "mode", "bilinear")
  ];
  return mode === undefined
    ? node
    : { ...node, attributes: { ...node.attributes, ...toAttributes({ mode }) } };
};

const roiTransform: Converter = (node) => ({
  ...node,
  attributes: {
    ...node.attributes,
    ...toAttributes({ coordinate_transformation_mode: "output_half_pixel" }),
  },
});

const dftAxis: Converter = (node, { emitter }) => {
  const inputs = [node.inputs[0] ?? "", node.inputs[1] ?? "", emitter.ints([attr.int(node, "axis", 1)], [])];
  return withInputs(node, inputs, "axis");
};

/** GroupNormalization 18 had one scale and bias a group; 21 has one a channel. */
const perChannel: Converter = (node, { emitter, type, fail }) => {
  const [x, scale, bias] = node.inputs as [string, string, string];
  const channels = type(x)?.dims[1] ?? fail("its number of channels is not known");
  const groups = attr.int(node, "num_groups");
  const spread = (value: string): string => {
    const wide = emitter.op("Expand", [
      emitter.op("Unsqueeze", [value, emitter.ints([1])]),
      emitter.ints([groups, channels / groups]),
    ]);
    return emitter.op("Reshape", [wide, emitter.ints([-1])]);
  };
  return withInputs(node, [x, spread(scale), spread(bias)]);
};

/** Recurrent operators 1 said with `output_sequence` what an output's presence says since 7. */
const recurrent: Converter = (node) => {
  const direction = node.attributes.direction;
  const misspelt = direction?.type === "string" && direction.value === "foward";
  const attributes = without(node.attributes, "output_sequence", ...(misspelt ? ["direction"] : []));
  return { ...node, attributes };
};

const binary: readonly Step[] = [{ since: 7, convert: legacyBroadcast, typed: true }];
const reduction: readonly Step[] = [{ since: 18, convert: axesToInput }];
const squeezing: readonly Step[] = [{ since: 13, convert: axesToInput }];
const softmax: readonly Step[] = [{ since: 13, convert: flattenedToAxis, typed: true }];
const recurrence: readonly Step[] = [{ since: 7, convert: recurrent }];

/** Steps of each operator, oldest first. */
export const CONVERTERS: Readonly<Record<string, readonly Step[] | undefined>> = {
  Add: binary,
  Sub: binary,
  Mul: binary,
  Div: binary,
  Pow: binary,
  And: binary,
  Or: binary,
  Xor: binary,
  Equal: binary,
  Less: binary,
  Greater: binary,
  PRelu: [{ since: 7, convert: slopeToChannels, typed: true }],
  Gemm: [{ since: 7, convert: (node) => ({ ...node, attributes: without(node.attributes, "broadcast") }) }],
  BatchNormalization: [
    { since: 9, convert: dropSpatial },
    { since: 14, convert: batchNormTraining },
  ],
  Dropout: [
    { since: 7, convert: dropIsTest },
    { since: 10, convert: refuseMask },
    { since: 12, convert: ratioToInput },
  ],
  Reshape: [{ since: 5, convert: reshapeToInput }],
  Tile: [{ since: 6, convert: tileToRepeats, typed: true }],
  Concat: [{ since: 4, convert: concatAxis }],
  Cast: [{ since: 6, convert: castCode }],
  Clip: [{ since: 11, convert: clipToInputs, typed: true }],
  Pad: [{ since: 11, convert: padToInputs, typed: true }],
  Slice: [{ since: 10, convert: sliceToInputs }],
  TopK: [{ since: 10, convert: topKToInput }],
  Split: [
    { since: 13, convert: splitToInput },
    { since: 18, convert: splitCount },
  ],
  Squeeze: squeezing,
  Unsqueeze: squeezing,
  ReduceSum: squeezing,
  ReduceMean: reduction,
  ReduceMax: reduction,
  ReduceMin: reduction,
  ReduceProd: reduction,
  ReduceL1: reduction,
  ReduceL2: reduction,
  ReduceLogSum: reduction,
  ReduceLogSumExp: reduction,
  ReduceSumSquare: reduction,
  Softmax: softmax,
  LogSoftmax: softmax,
  Hardmax: softmax,
  LpPool: [{ since: 2, convert: norm }],
  GlobalLpPool: [{ since: 2, convert: norm }],
  Upsample: [{ since: 11, convert: upsampleToResize }],
  Resize: [{ since: 11, convert: resizeFromTen }],
  Scatter: [{ since: 11, convert: scatterElements }],
  RoiAlign: [{ since: 16, convert: roiTransform }],
  GridSample: [{ since: 20, convert: gridModes }],
  DFT: [{ since: 20, convert: dftAxis }],
  GroupNormalization: [{ since: 21, convert: perChannel, typed: true }],
  RNN: recurrence,
  GRU: recurrence,
  LSTM: recurrence,
  Scan: [
    {
      since: 9,
      convert: (_, { fail }) => fail("Scan of opset 8 ran over a batch axis, which it no longer has"),
    },
  ],
  ...EXPERIMENTAL_CONVERTERS,
};

/** Standard operators that took only further element types so far, and one of ONNX Runtime that it keeps in ONNX's domain. */
const UNCHANGED = `
  Abs Acos Acosh AffineGrid ArgMax ArgMin Asin Asinh Atan Atanh Attention AveragePool Bernoulli BitCast BitShift BitwiseAnd
  BitwiseNot BitwiseOr BitwiseXor BlackmanWindow CastLike Ceil Celu CenterCropPad Col2Im Compress ConcatFromSequence
  Constant ConstantOfShape Conv ConvInteger ConvTranspose Cos Cosh CumProd CumSum DeformConv DepthToSpace DequantizeLinear
  Det DynamicQuantizeLinear Einsum Elu Erf Exp Expand EyeLike Flatten Floor Gather GatherElements GatherND Gelu
  GlobalAveragePool GlobalMaxPool GreaterOrEqual HammingWindow HannWindow HardSigmoid HardSwish Identity If ImageDecoder
  InstanceNormalization IsInf IsNaN LRN LayerNormalization LeakyRelu LessOrEqual Log Loop LpNormalization MatMul
  MatMulInteger Max MaxPool MaxRoiPool MaxUnpool Mean MeanVarianceNormalization MelWeightMatrix Min Mish Mod Multinomial Neg
  NegativeLogLikelihoodLoss NonMaxSuppression NonZero Not OneHot Optional OptionalGetElement OptionalHasElement
  QLinearConv QLinearMatMul QuantizeLinear RMSNormalization RandomNormal RandomNormalLike RandomUniform RandomUniformLike
  Range Reciprocal RegexFullMatch Relu ReverseSequence RotaryEmbedding Round STFT ScatterElements ScatterND Selu SequenceAt
  SequenceConstruct SequenceEmpty SequenceErase SequenceInsert SequenceLength SequenceMap Shape Shrink Sigmoid Sign
  SimplifiedLayerNormalization Sin Sinh Size Softplus SoftmaxCrossEntropyLoss Softsign SpaceToDepth SplitToSequence Sqrt StringConcat StringNormalizer StringSplit
  Sum SwiGLU Swish Tan Tanh TensorScatter TfIdfVectorizer ThresholdedRelu Transpose Trilu Unique Where`;

export const KNOWN_OPERATORS: ReadonlySet<string> = new Set([
  ...Object.keys(CONVERTERS),
  ...UNCHANGED.trim().split(/\s+/),
]);
