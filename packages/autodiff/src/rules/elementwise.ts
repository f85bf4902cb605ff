// Gradients of element-wise arithmetic. Broadcasting is the walk's business. Formulas: textbook calculus; conventions where
// there is no derivative follow PyTorch (sign(0) = 0, ties of Max and Min shared equally, clamping stops at its bounds).
import { type GraphBuilder, isFloating, UnsupportedError } from "@snellen/graph";
import { add, castLike, compare, minusFrom, mul, scaled, shifted, square, where } from "../emit.ts";
import { isAbove, isBelow } from "../masks.ts";
import { type Rule, unary, zeroGradient } from "../rule.ts";
import { siluGradient } from "../silu.ts";

export const Identity = unary(({ dy }) => dy);
export const Neg = unary(({ b, dy }) => b.op("Neg", [dy]));
// The gradient of an integer value (path.ts) stays floating, that of a half-precision graph input single: it would underflow.
export const Cast = unary(({ b, x, dy }) => {
  const type = b.dataType(x);
  const isHalfInput = (type === "float16" || type === "bfloat16") && b.producer(x) === undefined;
  return isFloating(type) && !isHalfInput ? castLike(b, dy, x) : dy;
});
export const CastLike = Cast;

// d(a + c) = da + dc
export const Add: Rule = ({ dy }) => [dy, dy];
export const Sub: Rule = ({ b, dy, needs }) => [dy, needs(1) ? b.op("Neg", [dy]) : null];
export const Sum: Rule = ({ x, dy }) => x.map(() => dy);
export const Mean: Rule = ({ b, x, dy }) => {
  const share = scaled(b, dy, 1 / x.length);
  return x.map(() => share);
};

// d(a·c) = c·da + a·dc, d(a·a) = 2a·da
const product: Rule = ({ b, x, compactDy: dy, needs }) => {
  const [left, right] = x as [string, string];
  if (left === right) return [mul(b, scaled(b, dy, 2), left)];
  return [needs(0) ? mul(b, dy, right) : null, needs(1) ? mul(b, dy, left) : null];
};
export const Mul: Rule = (c) => siluGradient(c) ?? product(c);

// d(a/c) = da/c − (a/c)·dc/c
export const Div: Rule = ({ b, x, y, dy, needs }) => {
  const quotient = b.op("Div", [dy, x[1] as string]);
  return [quotient, needs(1) ? b.op("Neg", [mul(b, quotient, y[0] as string)]) : null];
};

// y = a − c·trunc(a/c):  da = dy, dc = −dy·trunc(a/c)
export const Mod: Rule = ({ b, x, dy, needs }) => {
  if (!needs(1)) return [dy];
  const quotient = b.op("Div", [x[0] as string, x[1] as string]);
  const whole = mul(b, b.op("Sign", [quotient]), b.op("Floor", [b.op("Abs", [quotient])]));
  return [dy, b.op("Neg", [mul(b, dy, whole)])];
};

// y = xᵖ:  dx = dy·p·xᵖ⁻¹ (0 where p = 0), dp = dy·y·ln x (0 where x = 0 and p ≥ 0)
export const Pow: Rule = ({ b, x, y, dy, needs }) => [
  needs(0) ? powerByBase(b, x[0] as string, x[1] as string, dy) : null,
  needs(1) ? powerByExponent(b, x[0] as string, x[1] as string, y[0] as string, dy) : null,
];

function powerByBase(b: GraphBuilder, base: string, exponent: string, dy: string): string | null {
  const constant = b.constant(exponent);
  if (constant?.length === 1) {
    const p = constant[0] as number;
    if (p === 0) return null;
    return scaled(b, p === 1 ? dy : mul(b, dy, power(b, base, p - 1)), p);
  }
  const p = castLike(b, exponent, base);
  const slope = mul(b, p, b.op("Pow", [base, b.op("Sub", [p, b.scalar(1, p)])]));
  return b.op("Where", [compare(b, "Equal", p, 0), b.scalar(0, dy), mul(b, dy, slope)]);
}

const power = (b: GraphBuilder, x: string, p: number): string => {
  if (p === 1) return x;
  return p === 2 ? square(b, x) : b.op("Pow", [x, b.scalar(p, x)]);
};

function powerByExponent(b: GraphBuilder, base: string, exponent: string, y: string, dy: string): string {
  const isFlat = b.op("And", [compare(b, "Equal", base, 0), compare(b, "GreaterOrEqual", exponent, 0)]);
  // The logarithm is taken of 1 there, so that no infinity enters, in higher derivatives either.
  const safe = b.op("Where", [isFlat, b.scalar(1, base), base]);
  return castLike(b, mul(b, dy, y, b.op("Log", [safe])), exponent);
}

export const Abs = unary(({ b, x, dy }) => mul(b, dy, b.op("Sign", [x])));
// d(1/x) = −y²
export const Reciprocal = unary(({ b, y, dy }) => b.op("Neg", [mul(b, dy, square(b, y))]));
export const Exp = unary(({ b, y, dy }) => mul(b, dy, y));
export const Log = unary(({ b, x, dy }) => b.op("Div", [dy, x]));
// dx = dy / 2y
export const Sqrt = unary(({ b, y, dy }) => b.op("Div", [scaled(b, dy, 0.5), y]));
// dx = dy · 2/√π · exp(−x²)
export const Erf = unary(({ b, x, dy }) =>
  mul(b, dy, scaled(b, b.op("Exp", [b.op("Neg", [square(b, x)])]), 2 / Math.sqrt(Math.PI))),
);

export const Sin = unary(({ b, x, dy }) => mul(b, dy, b.op("Cos", [x])));
export const Cos = unary(({ b, x, dy }) => b.op("Neg", [mul(b, dy, b.op("Sin", [x]))]));
// dx = dy · (1 + y²)
export const Tan = unary(({ b, y, dy }) => mul(b, dy, shifted(b, square(b, y), 1)));
// dx = ±dy / √(1 − x²)
export const Asin = unary(({ b, x, dy }) => b.op("Div", [dy, b.op("Sqrt", [minusFrom(b, 1, square(b, x))])]));
export const Acos = unary(({ b, x, dy }) =>
  b.op("Neg", [b.op("Div", [dy, b.op("Sqrt", [minusFrom(b, 1, square(b, x))])])]),
);
export const Atan = unary(({ b, x, dy }) => b.op("Div", [dy, shifted(b, square(b, x), 1)]));
export const Sinh = unary(({ b, x, dy }) => mul(b, dy, b.op("Cosh", [x])));
export const Cosh = unary(({ b, x, dy }) => mul(b, dy, b.op("Sinh", [x])));
export const Asinh = unary(({ b, x, dy }) => b.op("Div", [dy, b.op("Sqrt", [shifted(b, square(b, x), 1)])]));
export const Acosh = unary(({ b, x, dy }) => b.op("Div", [dy, b.op("Sqrt", [shifted(b, square(b, x), -1)])]));
export const Atanh = unary(({ b, x, dy }) => b.op("Div", [dy, minusFrom(b, 1, square(b, x))]));

const STEPWISE = zeroGradient("constant between its steps");
export const Sign = STEPWISE;
export const Floor = STEPWISE;
export const Ceil = STEPWISE;
export const Round = STEPWISE;

// dx = dy where the branch is taken, else exactly 0
export const Where: Rule = ({ b, x, dy, needs }) => [
  null,
  needs(1) ? where(b, x[0] as string, dy) : null,
  needs(2) ? b.op("Where", [x[0] as string, b.scalar(0, dy), dy]) : null,
];

// Ties share equally: dxᵢ = dy · [xᵢ = y] / #{j: xⱼ = y}
const extremum: Rule = ({ b, x, y, dy, needs }) => {
  if (x.length === 1) return [dy];
  const hits = x.map((value) => castLike(b, b.op("Equal", [value, y[0] as string]), dy));
  const share = b.op("Div", [dy, add(b, ...hits)]);
  return hits.map((hit, i) => (needs(i) ? mul(b, share, hit) : null));
};
export const Max = extremum;
export const Min = extremum;

// dx = dy · [min < x < max], d min = Σ dy · [x < min], d max = Σ dy · [x > max]
export const Clip: Rule = ({ b, x, y, dy, needs }) => {
  const [value, low, high] = x as [string, string?, string?];
  const output = y[0] as string;
  const inside = (limit: string | undefined, comparison: "Greater" | "Less"): string[] => {
    if (!limit) return [];
    const bound = b.constant(limit)?.[0];
    if (bound === undefined) return [castLike(b, b.op(comparison, [output, limit]), dy)];
    return [(comparison === "Greater" ? isAbove : isBelow)(b, output, bound)];
  };
  const beyond = (comparison: "Less" | "Greater", limit: string) =>
    b.op("ReduceSum", [where(b, b.op(comparison, [value, limit]), dy)], { keepdims: 0 });
  return [
    needs(0) ? mul(b, dy, ...inside(low, "Greater"), ...inside(high, "Less")) : null,
    low && needs(1) ? beyond("Less", low) : null,
    high && needs(2) ? beyond("Greater", high) : null,
  ];
};

// Inverted dropout in training: dx = dy · mask / (1 − ratio); the identity otherwise.
export const Dropout: Rule = ({ b, node, x, dy }) => {
  const [, ratio, training] = x;
  if (!training || b.constant(training)?.[0] === 0) return [dy];
  if (b.constant(training) === undefined) {
    throw new UnsupportedError("computed-training-mode", "training_mode is computed, not a constant.", {
      where: `Dropout "${node.name}"`,
      hint: "Export the model in evaluation mode.",
    });
  }
  const mask = b.outputsOf(node, 2)[1] as string;
  const kept = ratio ? minusFrom(b, 1, castLike(b, ratio, dy)) : b.scalar(0.5, dy);
  return [where(b, mask, b.op("Div", [dy, kept]))];
};

const SHAPE_ONLY = zeroGradient("reads its input's shape only");
export const RandomNormalLike = SHAPE_ONLY;
export const RandomUniformLike = SHAPE_ONLY;
export const EyeLike = SHAPE_ONLY;
export const Bernoulli = zeroGradient("samples are constants of the draw");
