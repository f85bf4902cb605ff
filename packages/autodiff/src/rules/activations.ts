// Gradients of activation functions. At corners the derivative is PyTorch's: 0 at ReLU's, the left one at those of its kin.
import { attr, type GraphBuilder } from "@snellen/graph";
import { affine } from "../blocked.ts";
import { add, compare, minusFrom, mul, scaled, shifted, square, where } from "../emit.ts";
import { isAbove, isBelow, isStep } from "../masks.ts";
import { type Rule, unary } from "../rule.ts";

/** `above` where x > threshold, else `below`. */
const beyond = (b: GraphBuilder, x: string, threshold: number, above: string, below: string): string =>
  b.op("Where", [compare(b, "Greater", x, threshold), above, below]);

// dx = dy · y · (1 − y)
export const Sigmoid = unary(({ b, y, dy }) => mul(b, dy, y, affine(b, y, -1, 1)));
// dx = dy · (1 − y²)
export const Tanh = unary(({ b, y, dy }) => mul(b, dy, minusFrom(b, 1, square(b, y))));

export const Relu = unary(({ b, y, dy }) => mul(b, dy, isAbove(b, y, 0)));
// Read from y where it has the sign of x: the fusion of convolution and activation stays.
export const LeakyRelu = unary(({ b, node, x, y, dy }) => {
  const alpha = attr.float(node, "alpha", 0.01);
  return beyond(b, alpha > 0 ? y : x, 0, dy, scaled(b, dy, alpha));
});
// y = slope·x below 0:  dx = dy·slope, d slope = dy·x
export const PRelu: Rule = ({ b, x, dy, needs }) => {
  const [value, slope] = x as [string, string];
  return [
    needs(0) ? beyond(b, value, 0, dy, mul(b, dy, slope)) : null,
    needs(1) ? beyond(b, value, 0, b.scalar(0, dy), mul(b, dy, value)) : null,
  ];
};
export const ThresholdedRelu = unary(({ b, node, x, dy }) =>
  where(b, compare(b, "Greater", x, attr.float(node, "alpha", 1)), dy),
);
export const Shrink = unary(({ b, node, x, dy }) =>
  where(b, compare(b, "Greater", b.op("Abs", [x]), attr.float(node, "lambd", 0.5)), dy),
);

// y = α(eˣ − 1) below 0:  dx = dy · (y + α)
export const Elu = unary(({ b, node, x, y, dy }) =>
  beyond(b, x, 0, dy, mul(b, dy, shifted(b, y, attr.float(node, "alpha", 1)))),
);
const SELU_ALPHA = 1.6732632423543772;
const SELU_GAMMA = 1.0507009873554805;
// y = γx above 0, γα(eˣ − 1) below:  dx = γ·dy, dy · (y + γα)
export const Selu = unary(({ b, node, x, y, dy }) => {
  const gamma = attr.float(node, "gamma", SELU_GAMMA);
  const floor = gamma * attr.float(node, "alpha", SELU_ALPHA);
  return beyond(b, x, 0, scaled(b, dy, gamma), mul(b, dy, shifted(b, y, floor)));
});
// y = α(e^{x/α} − 1) below 0:  dx = dy · (y/α + 1)
export const Celu = unary(({ b, node, x, y, dy }) =>
  beyond(b, x, 0, dy, mul(b, dy, shifted(b, scaled(b, y, 1 / attr.float(node, "alpha", 1)), 1))),
);

export const Softplus = unary(({ b, x, dy }) => mul(b, dy, b.op("Sigmoid", [x])));
// dx = dy / (1 + |x|)²
export const Softsign = unary(({ b, x, dy }) =>
  b.op("Div", [dy, square(b, shifted(b, b.op("Abs", [x]), 1))]),
);

// y = clamp(αx + β, 0, 1):  dx = α·dy where 0 < y < 1. The masks of masks.ts are steps: no gradient.
export const HardSigmoid: Rule = ({ b, node, y, dy }) => {
  if (isStep(node)) return [];
  const slope = affine(b, ramp(b, y[0] as string), attr.float(node, "alpha", 0.2));
  return [mul(b, dy, slope)];
};

/** 1 where a HardSigmoid's output is strictly between its bounds. */
const ramp = (b: GraphBuilder, y: string): string => mul(b, isAbove(b, y, 0), isBelow(b, y, 1));

// y = x·h, h = clamp(x/6 + 1/2, 0, 1):  dx = dy · (h + x·h′), x·h′ = h − 1/2 on the ramp
export const HardSwish = unary(({ b, x, dy }) => {
  const h = b.op("HardSigmoid", [x], { alpha: { float: 1 / 6 }, beta: { float: 0.5 } });
  return mul(b, dy, add(b, h, mul(b, affine(b, h, 1, -0.5), ramp(b, h))));
});

// y = x·s, s = σ(αx):  dx = dy · (s + α·y·(1 − s))
export const Swish = unary(({ b, node, x, y, dy }) => {
  const alpha = attr.float(node, "alpha", 1);
  const s = b.op("Sigmoid", [scaled(b, x, alpha)]);
  return mul(b, dy, add(b, s, scaled(b, mul(b, y, minusFrom(b, 1, s)), alpha)));
});

// y = x·t, t = tanh(softplus x):  dx = dy · (t + x·(1 − t²)·σ(x))
export const Mish = unary(({ b, x, dy }) => {
  const t = b.op("Tanh", [b.op("Softplus", [x])]);
  const slope = mul(b, x, minusFrom(b, 1, square(b, t)), b.op("Sigmoid", [x]));
  return mul(b, dy, add(b, t, slope));
});

/** Coefficient of x³ in the tanh form of GELU (Hendrycks & Gimpel 2016). */
const GELU_CUBIC = 0.044715;

export const Gelu = unary(({ b, node, x, dy }) => {
  const tanh = attr.string(node, "approximate", "none") === "tanh";
  return mul(b, dy, tanh ? geluTanhSlope(b, x) : geluSlope(b, x));
});

// y = x·Φ(x):  slope = Φ(x) + x·φ(x),  with u = x/√2:  Φ = (1 + erf u)/2,  φ = exp(−u² − ln √2π)
function geluSlope(b: GraphBuilder, x: string): string {
  const u = scaled(b, x, Math.SQRT1_2);
  const phi = b.op("Exp", [minusFrom(b, -0.5 * Math.log(2 * Math.PI), square(b, u))]);
  return add(b, scaled(b, shifted(b, b.op("Erf", [u]), 1), 0.5), mul(b, x, phi));
}

// y = x/2·(1 + t), t = tanh(k(x + cx³)):  slope = (1 + t)/2 + x/2·(1 − t²)·k(1 + 3cx²)
function geluTanhSlope(b: GraphBuilder, x: string): string {
  const k = Math.sqrt(2 / Math.PI);
  const squared = square(b, x);
  const t = b.op("Tanh", [mul(b, x, shifted(b, scaled(b, squared, k * GELU_CUBIC), k))]);
  const inner = shifted(b, scaled(b, squared, 3 * k * GELU_CUBIC), k);
  const half = scaled(b, shifted(b, t, 1), 0.5);
  return add(b, half, mul(b, scaled(b, x, 0.5), minusFrom(b, 1, square(b, t)), inner));
}
