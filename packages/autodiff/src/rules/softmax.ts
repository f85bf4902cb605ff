// Gradients of Softmax and its kin, along one axis (opset 13 and later; older ones are upgraded).
import { attr, type GraphBuilder } from "@snellen/graph";
import { mul } from "../emit.ts";
import { unary, zeroGradient } from "../rule.ts";

const sumAlong = (b: GraphBuilder, value: string, axis: number): string =>
  b.op("ReduceSum", [value, b.ints([axis])], { keepdims: 1 });

// yᵢ = e^{xᵢ} / Σ e^{xⱼ}:  dx = y ∘ (dy − Σ dy∘y)
export const Softmax = unary(({ b, node, y, dy }) => {
  const along = attr.int(node, "axis", -1);
  return mul(b, y, b.op("Sub", [dy, sumAlong(b, mul(b, dy, y), along)]));
});

// y = log softmax(x):  dx = dy − e^y Σ dy
export const LogSoftmax = unary(({ b, node, y, dy }) => {
  const along = attr.int(node, "axis", -1);
  return b.op("Sub", [dy, mul(b, b.op("Exp", [y]), sumAlong(b, dy, along))]);
});

export const Hardmax = zeroGradient("piecewise constant");
