// Activation functions in terms of those that have a gradient rule. Source of every formula: the ONNX operator's definition.
import { attr, type Node } from "../../model.ts";
import type { ExpandContext, ExpansionTable } from "../expand-operators.ts";
import { input } from "./support.ts";

/** x · Φ(x) = ½ x (1 + erf(x / √2)). */
export function gelu({ emit, scalar, opset }: ExpandContext, x: string): string {
  if (opset >= 20) return emit.op("Gelu", [x]);
  const erf = emit.op("Erf", [emit.op("Mul", [x, scalar(Math.SQRT1_2, x)])]);
  return emit.op("Mul", [emit.op("Mul", [x, scalar(0.5, x)]), emit.op("Add", [erf, scalar(1, x)])]);
}

/** ½ x (1 + tanh(√(2/π) (x + 0.044715 x³))). */
export function geluTanh({ emit, scalar, opset }: ExpandContext, x: string): string {
  if (opset >= 20) return emit.op("Gelu", [x], { approximate: "tanh" });
  const cubic = emit.op("Mul", [emit.op("Mul", [x, x]), scalar(0.044715, x)]);
  const inner = emit.op("Mul", [x, emit.op("Add", [cubic, scalar(1, x)])]);
  const tanh = emit.op("Tanh", [emit.op("Mul", [inner, scalar(Math.sqrt(2 / Math.PI), x)])]);
  return emit.op("Mul", [emit.op("Mul", [x, scalar(0.5, x)]), emit.op("Add", [tanh, scalar(1, x)])]);
}

/** x · σ(αx). */
export function swish({ emit, scalar }: ExpandContext, x: string, alpha: number): string {
  const inner = alpha === 1 ? x : emit.op("Mul", [x, scalar(alpha, x)]);
  return emit.op("Mul", [x, emit.op("Sigmoid", [inner])]);
}

/** Elementwise functions of input 0. */
const unary = (
  formulas: Readonly<Record<string, (x: string, context: ExpandContext, node: Node) => string>>,
): ExpansionTable =>
  Object.fromEntries(
    Object.entries(formulas).map(([op, formula]) => [
      op,
      (node, context) => formula(input(node, 0), context, node),
    ]),
  );

export const activations: ExpansionTable = unary({
  /** x · HardSigmoid(x; 1/6, 1/2). */
  HardSwish: (x, { emit }) =>
    emit.op("Mul", [x, emit.op("HardSigmoid", [x], { alpha: { float: 1 / 6 }, beta: { float: 0.5 } })]),
  /** x · tanh(softplus(x)). */
  Mish: (x, { emit }) => emit.op("Mul", [x, emit.op("Tanh", [emit.op("Softplus", [x])])]),
  Swish: (x, context, node) => swish(context, x, attr.float(node, "alpha", 1)),
  /** α · Elu(x / α; 1). */
  Celu: (x, { emit, scalar }, node) => {
    const alpha = scalar(attr.float(node, "alpha", 1), x);
    return emit.op("Mul", [emit.op("Elu", [emit.op("Div", [x, alpha])]), alpha]);
  },
  /** γ · Elu(x; α). */
  Selu: (x, { emit, scalar }, node) => {
    const alpha = attr.float(node, "alpha", 1.6732631921768188);
    const gamma = scalar(attr.float(node, "gamma", 1.0507010221481323), x);
    return emit.op("Mul", [emit.op("Elu", [x], { alpha: { float: alpha } }), gamma]);
  },
  /** x / (1 + |x|). */
  Softsign: (x, { emit, scalar }) => emit.op("Div", [x, emit.op("Add", [emit.op("Abs", [x]), scalar(1, x)])]),
  /** x where x > α, else 0. */
  ThresholdedRelu: (x, { emit, scalar }, node) => {
    const above = emit.op("Greater", [x, scalar(attr.float(node, "alpha", 1), x)]);
    return emit.op("Where", [above, x, scalar(0, x)]);
  },
  /** x - bias where x > λ, x + bias where x < -λ, else 0. */
  Shrink: (x, { emit, scalar }, node) => {
    const bias = scalar(attr.float(node, "bias", 0), x);
    const lambd = attr.float(node, "lambd", 0.5);
    const below = emit.op("Less", [x, scalar(-lambd, x)]);
    const above = emit.op("Greater", [x, scalar(lambd, x)]);
    const negative = emit.op("Where", [below, emit.op("Add", [x, bias]), scalar(0, x)]);
    return emit.op("Where", [above, emit.op("Sub", [x, bias]), negative]);
  },
});
