// Operators on quantized values in terms of DequantizeLinear, the plain operator and QuantizeLinear.
// Source: ONNX QLinearConv 10, QLinearMatMul 21; ONNX Runtime, docs/ContribOperators.md (QLinear…, QGemm, …).
import { type Attribute, attr, type Node } from "../../model.ts";
import type { ExpandContext, Expansion, ExpansionTable } from "../expand-operators.ts";
import { input } from "./support.ts";

/** The real numbers behind input `i`, whose scale and zero point follow it. */
function real({ emit }: ExpandContext, node: Node, i: number, axis?: number): string {
  return dequantized(emit, [input(node, i), input(node, i + 1), input(node, i + 2)], axis);
}

const dequantized = (emit: ExpandContext["emit"], triple: readonly string[], axis?: number): string =>
  emit.op("DequantizeLinear", triple[2] === "" ? triple.slice(0, 2) : triple, { axis });

/** Quantized by the scale at input `i` and the zero point after it. */
function quantized({ emit }: ExpandContext, node: Node, value: string, i: number): string {
  const [scale, zero] = [input(node, i), input(node, i + 1)];
  return emit.op("QuantizeLinear", zero === "" ? [value, scale] : [value, scale, zero]);
}

const without = (node: Node, ...names: string[]): Record<string, Attribute> =>
  Object.fromEntries(Object.entries(node.attributes).filter(([name]) => !names.includes(name)));

const convolution: Expansion = (node, context) => {
  const { emit } = context;
  const operands = [real(context, node, 0), real(context, node, 3, 0)];
  const bias = input(node, 8);
  if (bias !== "") {
    const scale = emit.op("Mul", [input(node, 1), input(node, 4)]);
    operands.push(emit.op("DequantizeLinear", [bias, scale], { axis: 0 }));
  }
  return quantized(context, node, emit.op("Conv", operands, node.attributes), 6);
};

/** Scales of the left operand belong to rows, of the right one to columns. */
const product: Expansion = (node, context) => {
  const rank = context.dims(input(node, 0)).length;
  const left = real(context, node, 0, rank - 2);
  return quantized(context, node, context.emit.op("MatMul", [left, real(context, node, 3, -1)]), 6);
};

/** Operator of two quantized operands. */
const binary =
  (operator: string): Expansion =>
  (node, context) =>
    quantized(context, node, context.emit.op(operator, [real(context, node, 0), real(context, node, 3)]), 6);

/** Operator of one quantized operand. */
const unary =
  (operator: string, ...dropped: string[]): Expansion =>
  (node, context) => {
    if (attr.int(node, "channels_last", 0) === 1) return context.fail("channels in the last place");
    const attributes = without(node, "channels_last", ...dropped);
    return quantized(context, node, context.emit.op(operator, [real(context, node, 0)], attributes), 3);
  };

/** Inputs: scale and zero point of the output, then three for each part. */
const concat: Expansion = (node, context) => {
  const parts = Array.from({ length: (node.inputs.length - 2) / 3 }, (_, i) =>
    real(context, node, 2 + 3 * i),
  );
  return quantized(context, node, context.emit.op("Concat", parts, node.attributes), 0);
};

/** Without a scale of the output, the result is real. */
const gemm: Expansion = (node, context) => {
  const { emit } = context;
  const turned = attr.int(node, "transB", 0) === 1;
  const operands = [real(context, node, 0), real(context, node, 3, turned ? 0 : 1)];
  if (input(node, 6) !== "") {
    const scale = emit.op("Mul", [input(node, 1), input(node, 4)]);
    operands.push(emit.op("DequantizeLinear", [input(node, 6), scale], { axis: -1 }));
  }
  const result = emit.op("Gemm", operands, node.attributes);
  return input(node, 7) === "" ? result : quantized(context, node, result, 7);
};

/** A product of integers, scaled to real numbers: inputs A, B, scales of both, zero points of both, bias. */
const toFloat: Expansion = (node, { emit }) => {
  const [a, b, aScale, bScale, aZero, bZero, bias] = Array.from({ length: 7 }, (_, i) =>
    input(node, i),
  ) as Inputs7;
  const result = emit.op("MatMul", [
    dequantized(emit, [a, aScale, aZero]),
    dequantized(emit, [b, bScale, bZero], -1),
  ]);
  return bias === "" ? result : emit.op("Add", [result, bias]);
};

type Inputs7 = [string, string, string, string, string, string, string];

/** Real A, quantized on the way: inputs A, B, scale and zero point of B, bias. */
const dynamicProduct: Expansion = (node, { emit }) => {
  const triple = emit.ops("DynamicQuantizeLinear", [input(node, 0)], 3);
  const right = dequantized(emit, [input(node, 1), input(node, 2), input(node, 3)], -1);
  const result = emit.op("MatMul", [dequantized(emit, triple), right]);
  return input(node, 4) === "" ? result : emit.op("Add", [result, input(node, 4)]);
};

/** The same operator under the standard name. */
const standard: Expansion = (node, { emit }) => emit.op(node.opType, node.inputs, node.attributes);

const fused: ExpansionTable = {
  QLinearAdd: binary("Add"),
  QLinearMul: binary("Mul"),
  QLinearSigmoid: unary("Sigmoid"),
  QLinearLeakyRelu: unary("LeakyRelu"),
  QLinearSoftmax: unary("Softmax", "opset"),
  QLinearAveragePool: unary("AveragePool"),
  QLinearGlobalAveragePool: unary("GlobalAveragePool"),
  QLinearConcat: concat,
  QGemm: gemm,
  MatMulIntegerToFloat: toFloat,
  DynamicQuantizeMatMul: dynamicProduct,
  QuantizeLinear: standard,
  DequantizeLinear: standard,
};

export const quantization: ExpansionTable = {
  QLinearConv: convolution,
  QLinearMatMul: product,
  ...Object.fromEntries(Object.entries(fused).map(([op, expand]) => [`com.microsoft::${op}`, expand])),
};
