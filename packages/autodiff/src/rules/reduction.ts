// Gradients of reductions over axes. A gradient is returned with the reduced axes of size one: the walk repeats it.
// Conventions at ties and zeros follow PyTorch: amax shares equally, the norm of a zero vector has gradient zero.
import { attr, BATCH, UnsupportedError } from "@snellen/graph";
import { castLike, compare, mul, scaled, where, zerosLike } from "../emit.ts";
import type { Rule, RuleContext } from "../rule.ts";

/** The axes that a node reduces over, counted from the front. */
function reducedAxes({ b, node, x }: RuleContext): readonly number[] {
  const rank = b.rank(x[0] as string);
  const given = x[1] ? b.constant(x[1]) : [];
  if (given === undefined) {
    throw new UnsupportedError("computed-axes", "the axes are computed, not a constant.", {
      where: `${node.opType} "${node.name}"`,
      hint: "Export the model with constant axes.",
    });
  }
  if (given.length === 0 && attr.int(node, "noop_with_empty_axes", 0) === 0) return [...Array(rank).keys()];
  return given.map((axis) => (axis < 0 ? axis + rank : axis)).sort((p, q) => p - q);
}

/** A value of the output's shape with the reduced axes back as ones. */
function withAxes(c: RuleContext, value: string): string {
  const axes = reducedAxes(c);
  if (attr.int(c.node, "keepdims", 1) === 1 || axes.length === 0) return value;
  return c.b.op("Unsqueeze", [value, c.b.ints(axes)]);
}

const sumAgain = (c: RuleContext, value: string): string => {
  const axes = reducedAxes(c);
  return axes.length === 0 ? value : c.b.op("ReduceSum", [value, c.b.ints(axes)], { keepdims: 1 });
};

/** A value divided by the number of elements that go into one; counted while running where the batch is reduced. */
function perElement(c: RuleContext, value: string): string {
  const { b, x, y } = c;
  const dims = b.dims(x[0] as string);
  const sizes = reducedAxes(c).map((axis) => dims[axis] as number);
  if (!sizes.includes(BATCH)) return scaled(b, value, 1 / sizes.reduce((n, d) => n * d, 1));
  const count = b.op("Div", [b.op("Size", [x[0] as string]), b.op("Size", [y[0] as string])]);
  return b.op("Div", [value, castLike(b, count, value)]);
}

/** A rule from the gradient with its axes back: `(context, x, y, dy) → dx`. */
const reduction =
  (gradient: (c: RuleContext, x: string, y: () => string, dy: string) => string): Rule =>
  (c) => [gradient(c, c.x[0] as string, () => withAxes(c, c.y[0] as string), withAxes(c, c.dy))];

export const ReduceSum = reduction((_, _x, _y, dy) => dy);
export const ReduceMean = reduction((c, _x, _y, dy) => perElement(c, dy));
export const ReduceSumSquare = reduction(({ b }, x, _y, dy) => mul(b, scaled(b, dy, 2), x));
export const ReduceL1 = reduction(({ b }, x, _y, dy) => mul(b, dy, b.op("Sign", [x])));
// dx = dy · x/‖x‖, and 0 for the zero vector
export const ReduceL2 = reduction(({ b }, x, y, dy) => {
  const length = y();
  const isZero = compare(b, "Equal", length, 0);
  const safe = b.op("Where", [isZero, b.scalar(1, length), length]);
  return mul(b, b.op("Where", [isZero, b.scalar(0, dy), b.op("Div", [dy, safe])]), x);
});
// y = ln Σx:  dx = dy / eʸ
export const ReduceLogSum = reduction(({ b }, _x, y, dy) => b.op("Div", [dy, b.op("Exp", [y()])]));
export const ReduceLogSumExp = reduction(({ b }, x, y, dy) =>
  mul(b, dy, b.op("Exp", [b.op("Sub", [x, y()])])),
);

// Ties share equally: dx = dy · [x = y] / #{x = y}
const extremum = reduction((c, x, y, dy) => {
  const { b } = c;
  const hits = castLike(b, b.op("Equal", [x, y()]), dy);
  return mul(b, b.op("Div", [dy, sumAgain(c, hits)]), hits);
});
export const ReduceMax = extremum;
export const ReduceMin = extremum;

// dxᵢ = dy · ∏_{j≠i} xⱼ: the product over xᵢ, or with one zero among the x the product of the others at its place alone.
export const ReduceProd = reduction((c, x, _y, dy) => {
  const { b } = c;
  const isZero = compare(b, "Equal", x, 0);
  const zeros = sumAgain(c, castLike(b, isZero, dy));
  const safe = b.op("Where", [isZero, b.scalar(1, x), x]);
  const axes = b.ints(reducedAxes(c));
  const nonZero = b.op("ReduceProd", [safe, axes], { keepdims: 1, noop_with_empty_axes: 1 });
  const alone = b.op("And", [isZero, compare(b, "LessOrEqual", zeros, 1)]);
  const others = b.op("Or", [alone, compare(b, "Equal", zeros, 0)]);
  return where(b, others, b.op("Div", [mul(b, dy, nonZero), safe]));
});

// The sum runs the other way: dx = cumsum(dy) reversed
export const CumSum: Rule = ({ b, node, x, dy }) => [
  b.op("CumSum", [dy, x[1] as string], {
    exclusive: attr.int(node, "exclusive", 0),
    reverse: 1 - attr.int(node, "reverse", 0),
  }),
];

// Values go back to where they were taken from; their places are distinct.
export const TopK: Rule = ({ b, node, x, y, dys }) => {
  const [dy] = dys;
  if (dy === undefined) return [null];
  const axis = attr.int(node, "axis", -1);
  return [b.op("ScatterElements", [zerosLike(b, x[0] as string), y[1] as string, dy], { axis })];
};
