// Gradients of element-wise operators. Broadcasting is the walk's business. Formulas: textbook calculus; conventions at kinks
// follow PyTorch (zero at ReLU's corner, sign(0) = 0, ties of Max and Min shared equally).
import type { GraphBuilder } from "@snellen/graph";
import { attr } from "@snellen/graph";
import { type Rule, unary } from "../rule.ts";

const mul = (b: GraphBuilder, ...factors: string[]): string => factors.reduce((a, c) => b.op("Mul", [a, c]));

export const Identity = unary(({ dy }) => dy);
export const Neg = unary(({ b, dy }) => b.op("Neg", [dy]));

// d(a + c) = da + dc
export const Add: Rule = ({ dy }) => [dy, dy];
export const Sub: Rule = ({ b, dy, needs }) => [dy, needs(1) ? b.op("Neg", [dy]) : null];
export const Sum: Rule = ({ x, dy }) => x.map(() => dy);
export const Mean: Rule = ({ b, x, dy }) => {
  const share = b.op("Mul", [dy, b.scalar(1 / x.length, dy)]);
  return x.map(() => share);
};

// d(a·c) = c·da + a·dc
export const Mul: Rule = ({ b, x, dy, needs }) => [
  needs(0) ? b.op("Mul", [dy, x[1] as string]) : null,
  needs(1) ? b.op("Mul", [dy, x[0] as string]) : null,
];

// d(a/c) = da/c − (a/c)·dc/c
export const Div: Rule = ({ b, x, y, dy, needs }) => {
  const quotient = b.op("Div", [dy, x[1] as string]);
  return [quotient, needs(1) ? b.op("Neg", [mul(b, quotient, y[0] as string)]) : null];
};

// dx = dy · (1 − y²)
export const Tanh = unary(({ b, y, dy }) => mul(b, dy, b.op("Sub", [b.scalar(1, y), b.op("Mul", [y, y])])));
// dx = dy · y · (1 − y)
export const Sigmoid = unary(({ b, y, dy }) => mul(b, dy, y, b.op("Sub", [b.scalar(1, y), y])));
export const Exp = unary(({ b, y, dy }) => mul(b, dy, y));
export const Log = unary(({ b, x, dy }) => b.op("Div", [dy, x]));
// dx = dy / 2y
export const Sqrt = unary(({ b, y, dy }) => b.op("Div", [mul(b, dy, b.scalar(0.5, y)), y]));
export const Relu = unary(({ b, y, dy }) =>
  b.op("Where", [b.op("Greater", [y, b.scalar(0, y)]), dy, b.scalar(0, y)]),
);
export const LeakyRelu = unary(({ b, node, x, dy }) =>
  b.op("Where", [
    b.op("Greater", [x, b.scalar(0, x)]),
    dy,
    mul(b, dy, b.scalar(attr.float(node, "alpha", 0.01), x)),
  ]),
);
