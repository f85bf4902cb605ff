// Oracle: finite differences (test-support/gradient-spec.ts); at ties and bounds PyTorch 2.15's convention, written by hand.
import { inferShapes, parseGraphText } from "@snellen/graph";
import { expect, it } from "vitest";
import { differentiate } from "../differentiate.ts";
import { describeGradients, type SpecTable } from "../test-support/gradient-spec.ts";
import { awayFrom, awayFromZero, distinct, fixed, positive, uniform } from "../test-support/random.ts";
import { openModel } from "../test-support/run-model.ts";
import type * as elementwise from "./elementwise.ts";

/** A unary operator on a batch. */
const unary = (operator: string) => `(float[N,3,4] x) => (y) { y = ${operator} (x) }`;
/** Operands that broadcast both ways, one of them the batch. */
const bothWays = (operator: string) => `(float[N,1,4] a, float[3,1] c) => (y) { y = ${operator} (a, c) }`;

/** ONNX Runtime has no double kernel. */
const SINGLE = { precision: "float" } as const;

const SPEC: SpecTable<typeof elementwise> = {
  Identity: [{ name: "passes on", graph: unary("Identity") }],
  Neg: [{ name: "flips", graph: unary("Neg") }],
  Cast: [
    {
      name: "float to float and back",
      graph: "(float[N,3] x) => (y) { d = Cast <to = 11> (x)  e = Mul (d, d)  y = Cast <to = 1> (e) }",
      precision: "float",
      why: "the cast to single rounds",
    },
    {
      name: "to an integer and back carries none",
      graph: "(float[N,3] x) => (y) { i = Cast <to = 7> (x)  f = CastLike (i, x)  y = Mul (f, x) }",
      inputs: { x: awayFrom([-1, 0, 1], -1.9, 1.9) },
    },
  ],
  CastLike: [
    {
      name: "of its own type",
      graph: "(float[N,3] x, float[1] t) => (y) { y = CastLike (x, t) }",
      wrt: ["x"],
    },
  ],
  Add: [
    { name: "broadcast both ways", graph: bothWays("Add") },
    { name: "of a value to itself", graph: "(float[N,3] x) => (y) { y = Add (x, x) }" },
    { name: "rank growth", graph: "(float[N,2,3] a, float[3] c) => (y) { y = Add (a, c) }" },
    { name: "scalar", graph: "(float[N,2,3] a, float c) => (y) { y = Add (c, a) }" },
  ],
  Sub: [{ name: "broadcast both ways", graph: bothWays("Sub") }],
  Sum: [
    { name: "of three", graph: "(float[N,3] a, float[3] c, float[N,1] d) => (y) { y = Sum (a, c, d) }" },
    { name: "of one", graph: unary("Sum") },
  ],
  Mean: [
    {
      name: "of three",
      graph: "(float[N,3] a, float[3] c, float[N,1] d) => (y) { y = Mean (a, c, d) }",
      ...SINGLE,
    },
  ],
  Mul: [
    { name: "broadcast both ways", graph: bothWays("Mul") },
    { name: "of a value by itself", graph: "(float[N,3] x) => (y) { y = Mul (x, x) }" },
    {
      name: "by a gate of fewer axes",
      graph: "(float[N,3,2,2] a, float[N,3,1,1] c) => (y) { y = Mul (a, c) }",
    },
  ],
  Div: [
    { name: "broadcast both ways", graph: bothWays("Div"), inputs: { c: awayFromZero } },
    {
      name: "by a value of the batch",
      graph: "(float[3] a, float[N,3] c) => (y) { y = Div (a, c) }",
      inputs: { c: positive },
    },
  ],
  Mod: [
    {
      name: "fmod by both operands",
      graph: "(float[N,3] a, float[N,3] c) => (y) { y = Mod <fmod = 1> (a, c) }",
      inputs: { a: uniform(-4.4, -4.1), c: uniform(1.1, 1.9) },
    },
  ],
  Pow: [
    { name: "by both operands", graph: bothWays("Pow"), inputs: { a: positive } },
    ...[0.5, 1, 2, 3, -1.5].map((p) => ({
      name: `to the constant ${p}`,
      graph: `(float[N,3] x) => (y) <float p = {${p}}> { y = Pow (x, p) }`,
      inputs: { x: positive },
    })),
    {
      name: "integer exponent of a negative base",
      graph: "(float[N,3] x) => (y) <int64 p = {3}> { y = Pow (x, p) }",
    },
    {
      name: "a vector of exponents",
      graph: "(float[N,3] x) => (y) <float[3] p = {0, 1, 2}> { y = Pow (x, p) }",
      inputs: { x: awayFromZero },
    },
    {
      name: "at zero: no NaN, as PyTorch",
      graph: "(float[4] x, float[4] p) => (y) { y = Pow (x, p) }",
      at: { x: [0, 0, 0, 2], p: [0, 1, 2, 3] },
      expect: { x: [0, 1, 0, 12], p: [0, 0, 0, 8 * Math.log(2)] },
    },
    {
      name: "a constant square at zero",
      graph: "(float[2] x) => (y) <float p = {2}> { y = Pow (x, p) }",
      at: { x: [0, -3] },
      expect: { x: [0, -6] },
    },
  ],
  Abs: [
    { name: "off zero", graph: unary("Abs"), inputs: { x: awayFromZero } },
    {
      name: "at zero",
      graph: "(float[3] x) => (y) { y = Abs (x) }",
      at: { x: [-2, 0, 2] },
      expect: { x: [-1, 0, 1] },
    },
  ],
  Reciprocal: [{ name: "off the pole", graph: unary("Reciprocal"), inputs: { x: awayFromZero } }],
  Exp: [{ name: "everywhere", graph: unary("Exp") }],
  Log: [{ name: "of positive values", graph: unary("Log"), inputs: { x: positive } }],
  Sqrt: [{ name: "of positive values", graph: unary("Sqrt"), inputs: { x: positive } }],
  Erf: [{ name: "everywhere", graph: unary("Erf"), ...SINGLE }],
  Sin: [{ name: "everywhere", graph: unary("Sin") }],
  Cos: [{ name: "everywhere", graph: unary("Cos") }],
  Tan: [{ name: "between its poles", graph: unary("Tan"), ...SINGLE, inputs: { x: uniform(-1, 1) } }],
  Asin: [{ name: "inside (-1, 1)", graph: unary("Asin"), ...SINGLE, inputs: { x: uniform(-0.8, 0.8) } }],
  Acos: [{ name: "inside (-1, 1)", graph: unary("Acos"), ...SINGLE, inputs: { x: uniform(-0.8, 0.8) } }],
  Atan: [{ name: "everywhere", graph: unary("Atan"), ...SINGLE }],
  Sinh: [{ name: "everywhere", graph: unary("Sinh"), ...SINGLE }],
  Cosh: [{ name: "everywhere", graph: unary("Cosh"), ...SINGLE }],
  Asinh: [{ name: "everywhere", graph: unary("Asinh"), ...SINGLE }],
  Acosh: [{ name: "above 1", graph: unary("Acosh"), ...SINGLE, inputs: { x: uniform(1.3, 3) } }],
  Atanh: [{ name: "inside (-1, 1)", graph: unary("Atanh"), ...SINGLE, inputs: { x: uniform(-0.8, 0.8) } }],
  Sign: [stepwise("Sign")],
  Floor: [stepwise("Floor")],
  Ceil: [stepwise("Ceil")],
  Round: [stepwise("Round")],
  Where: [
    {
      name: "broadcast three ways",
      graph: "(bool[3,1] c, float[N,1,4] a, float[4] d) => (y) { y = Where (c, a, d) }",
      inputs: { c: fixed(1, 0, 1) },
    },
    {
      name: "the branch not taken gets exactly zero, even of an infinite gradient",
      graph: "(bool[2] c, float[2] a, float[2] d) => (y) { y = Where (c, a, d) }",
      at: { c: [1, 0], a: [1, 2], d: [3, 4] },
      seed: [Number.POSITIVE_INFINITY, 5],
      expect: { d: [0, 5] },
    },
  ],
  Max: [
    {
      name: "of three, broadcast",
      graph: "(float[N,3] a, float[3] c, float[N,1] d) => (y) { y = Max (a, c, d) }",
      inputs: { a: distinct, c: distinct, d: distinct },
    },
    { name: "of one", graph: unary("Max") },
    {
      name: "ties share equally",
      graph: "(float[3] a, float[3] c, float[3] d) => (y) { y = Max (a, c, d) }",
      at: { a: [1, 1, 2], c: [1, 1, 0], d: [0, 1, 2] },
      expect: { a: [0.5, 1 / 3, 0.5], c: [0.5, 1 / 3, 0], d: [0, 1 / 3, 0.5] },
    },
    {
      name: "with a constant",
      graph: "(float[3] a) => (y) <float e = {0.5}> { y = Max (a, e) }",
      at: { a: [0, 0.5, 1] },
      expect: { a: [0, 0.5, 1] },
    },
  ],
  Min: [
    { name: "of two, broadcast", graph: bothWays("Min"), inputs: { a: distinct, c: distinct } },
    {
      name: "ties share equally",
      graph: "(float[2] a, float[2] c) => (y) { y = Min (a, c) }",
      at: { a: [1, 1], c: [1, 2] },
      expect: { a: [0.5, 1], c: [0.5, 0] },
    },
  ],
  Clip: [
    {
      name: "both bounds as inputs",
      graph: "(float[N,5] x, float low, float high) => (y) { y = Clip (x, low, high) }",
      inputs: { x: awayFrom([-0.5, 0.7], -2, 2), low: fixed(-0.5), high: fixed(0.7) },
    },
    {
      name: "lower bound only",
      graph: "(float[N,5] x, float low) => (y) { y = Clip (x, low) }",
      inputs: { x: awayFrom([-0.5], -2, 2), low: fixed(-0.5) },
    },
    {
      name: "upper bound only",
      graph: '(float[N,5] x, float high) => (y) { y = Clip (x, "", high) }',
      inputs: { x: awayFrom([0.7], -2, 2), high: fixed(0.7) },
    },
    { name: "no bound", graph: "(float[N,5] x) => (y) { y = Clip (x) }" },
    {
      name: "ReLU6",
      graph: "(float[N,9] x) => (y) <float low = {0}, float high = {6}> { y = Clip (x, low, high) }",
      inputs: { x: awayFrom([0, 6], -4, 10) },
    },
    {
      name: "stops at its bounds, as torch.clamp",
      graph: "(float[5] x) => (y) <float low = {-1}, float high = {1}> { y = Clip (x, low, high) }",
      at: { x: [-2, -1, 0, 1, 2] },
      expect: { x: [0, 0, 1, 0, 0] },
    },
    {
      name: "ReLU6 at its bounds, as torch.nn.ReLU6",
      graph: "(float[7] x) => (y) <float low = {0}, float high = {6}> { y = Clip (x, low, high) }",
      at: { x: [-1, 0, 1e-30, 3, 5.9999995, 6, 7] },
      expect: { x: [0, 0, 1, 1, 1, 0, 0] },
    },
  ],
  Dropout: [{ name: "outside training", graph: "(float[N,3] x) => (y) { y = Dropout (x) }" }],
  RandomNormalLike: [shapeOnly("RandomNormalLike <seed = 1.0>")],
  RandomUniformLike: [shapeOnly("RandomUniformLike <seed = 1.0>")],
  EyeLike: [shapeOnly("EyeLike")],
  Bernoulli: [
    {
      name: "carries none",
      graph: "(float[3] x) => (y) { p = Sigmoid (x)  r = Bernoulli (p)  z = Sub (r, r)  y = Add (x, z) }",
      at: { x: [1, 2, 3] },
      expect: { x: [1, 1, 1] },
    },
  ],
};

function stepwise(operator: string) {
  return {
    name: "carries none",
    graph: `(float[N,3] x) => (y) { s = ${operator} (x)  y = Mul (s, x) }`,
    inputs: { x: awayFrom([-1.5, -1, -0.5, 0, 0.5, 1, 1.5], -2, 2) },
  };
}

function shapeOnly(operator: string) {
  return {
    name: "carries none",
    graph: `(float[3,3] x) => (y) { r = ${operator} (x)  z = Sub (r, r)  y = Add (x, z) }`,
    at: { x: [1, 2, 3, 4, 5, 6, 7, 8, 9] },
    expect: { x: [1, 1, 1, 1, 1, 1, 1, 1, 1] },
  };
}

describeGradients(SPEC);

it("Dropout in training passes what its own mask let through", async () => {
  const model = parseGraphText(
    "g (float[64] x) => (float[64] y) <float r = {0.25}, bool t = {1}> { y = Dropout <seed = 3> (x, r, t) }",
  );
  const derived = differentiate(model, inferShapes(model), { of: ["y"], wrt: ["x"], seed: "ones" });
  const runnable = await openModel(derived.model);
  const ones = Array.from({ length: 64 }, () => 1);
  const { y, grad_x } = await runnable.run({ x: { dataType: "float32", dims: [64], data: ones } });
  await runnable.release();
  expect(grad_x?.data).toEqual(y?.data);
  expect(new Set(grad_x?.data)).toEqual(new Set([0, Math.fround(4 / 3)]));
});
