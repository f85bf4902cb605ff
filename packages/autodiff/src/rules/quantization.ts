// Gradients of quantization by the straight-through estimate: rounding counts as the identity, saturation as a clip.
// Bengio, Léonard & Courville 2013, "Estimating or propagating gradients through stochastic neurons".
// The gradient of an integer tensor is a floating one: the derivative by the integer, were it a real number (path.ts).
import { attr, type DataType, type GraphBuilder, type Node } from "@snellen/graph";
import { convInputGradient } from "../convolution.ts";
import { convWeightGradient } from "../convolution-weights.ts";
import { castLike, mul, where } from "../emit.ts";
import { refusal } from "../refusal.ts";
import type { Rule } from "../rule.ts";
import { windowsOf } from "../window.ts";

/** Smallest and largest value of the types that ONNX quantizes to. */
const RANGES: Readonly<Partial<Record<DataType, readonly [number, number]>>> = {
  uint8: [0, 255],
  int8: [-128, 127],
  uint16: [0, 65535],
  int16: [-32768, 32767],
  uint4: [0, 15],
  int4: [-8, 7],
  uint2: [0, 3],
  int2: [-2, 1],
};

// q = saturate(round(x/s) + z):  dx = dq / s where z + x/s is inside the range of the type, else 0
export const QuantizeLinear: Rule = ({ b, node, x, y, dy, needs }) => {
  if (needs(1)) throw refusal(node, "the scale of a quantization has no straight-through estimate");
  const [value, , zero = ""] = x as [string, string, string?];
  const range = RANGES[b.dataType(y[0] as string)];
  if (range === undefined) throw refusal(node, `quantization to ${b.dataType(y[0] as string)}`);
  const scale = castLike(b, besideAxis(b, node, x[1] as string, value), value);
  const centre = zero === "" ? undefined : castLike(b, besideAxis(b, node, zero, value), value);
  const bound = (limit: number): string => {
    const units = b.scalar(limit, value);
    return mul(b, centre === undefined ? units : b.op("Sub", [units, centre]), scale);
  };
  const isInside = b.op("And", [
    b.op("GreaterOrEqual", [value, bound(range[0] - 0.5)]),
    b.op("LessOrEqual", [value, bound(range[1] + 0.5)]),
  ]);
  return [where(b, isInside, b.op("Div", [castLike(b, dy, value), scale]))];
};

// x = (q − z)·s:  dq = dx·s,  ds = dx·(q − z)
export const DequantizeLinear: Rule = ({ b, node, x, dy, needs }) => {
  const [value, scale, zero = ""] = x as [string, string, string?];
  const units = (v: string): string => castLike(b, v, scale);
  const offset = () =>
    zero === "" ? units(value) : b.op("Sub", [units(value), units(besideAxis(b, node, zero, value))]);
  const byScale = () => {
    if (b.rank(scale) > 0 && b.dims(scale)[0] !== 1) throw refusal(node, "the scales of an axis");
    return mul(b, dy, offset());
  };
  return [needs(0) ? mul(b, dy, besideAxis(b, node, scale, value)) : null, needs(1) ? byScale() : null];
};

// The range follows x, so that nothing saturates; that the scale follows x too is left out, as it cancels in what is dequantized.
export const DynamicQuantizeLinear: Rule = ({ b, x, y, dys }) => {
  const [dq] = dys;
  return dq === undefined ? [] : [b.op("Div", [castLike(b, dq, x[0] as string), y[1] as string])];
};

export const ConvInteger: Rule = ({ b, node, x, y, dy, needs }) => {
  const [value, weight, zero = "", weightZero = ""] = x as [string, string, string?, string?];
  const group = attr.int(node, "group", 1);
  const windows = windowsOf(b, node, b.dims(weight).slice(2), { big: value, small: y[0] as string });
  const weights = () =>
    centred(b, weight, weightZero === "" ? "" : besideAxis(b, node, weightZero, weight, 0), dy);
  return [
    needs(0) ? convInputGradient(b, dy, weights(), windows, group) : null,
    needs(1) ? convWeightGradient(b, centred(b, value, zero, dy), dy, windows, group) : null,
  ];
};

export const MatMulInteger: Rule = ({ b, node, x, dy, needs }) => {
  const [left, right, leftZero = "", rightZero = ""] = x as [string, string, string?, string?];
  const turned = (value: string): string => {
    const axes = Array.from({ length: b.rank(value) }, (_, i) => i);
    return b.op("Transpose", [value], { perm: [...axes.slice(0, -2), axes.length - 1, axes.length - 2] });
  };
  const rows = leftZero === "" ? "" : besideAxis(b, node, leftZero, left, b.rank(left) - 2);
  return [
    needs(0) ? b.op("MatMul", [dy, turned(centred(b, right, rightZero, dy))]) : null,
    needs(1) ? b.op("MatMul", [turned(centred(b, left, rows, dy)), dy]) : null,
  ];
};

/** Integers minus their zero point, in the type of a gradient. */
function centred(b: GraphBuilder, value: string, zero: string, like: string): string {
  const wide = castLike(b, value, like);
  return zero === "" ? wide : b.op("Sub", [wide, castLike(b, zero, like)]);
}

/** A scale or zero point beside the values it belongs to: itself when there is one for all, else along its axis. */
function besideAxis(b: GraphBuilder, node: Node, parameter: string, value: string, axis?: number): string {
  const dims = b.dims(parameter);
  if (dims.length === 0 || (dims.length === 1 && dims[0] === 1)) return parameter;
  if (dims.length > 1) throw refusal(node, "quantization in blocks");
  const rank = b.rank(value);
  const given = axis ?? attr.int(node, "axis", 1);
  const after = rank - 1 - (given < 0 ? given + rank : given);
  return after === 0
    ? parameter
    : b.op("Reshape", [parameter, b.ints([-1, ...Array.from({ length: after }, () => 1)])]);
}
