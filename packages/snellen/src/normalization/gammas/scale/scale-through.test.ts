// Oracle: ONNX Runtime. What the rules say of y when x is doubled is what comes out when x is doubled: 2^degree times as much where
// they say exactly, something else where they say nearly, no more than a bound, or the same.
import { canonicalize, type Model, makeTensor, withGraph } from "@snellen/graph";
import { Tensor } from "onnxruntime-common";
import { describe, expect, it } from "vitest";
import { noise, textModel } from "../../../vision-model/test-support/text-model.ts";
import { createFlow } from "../../flow.ts";
import { type End, reachOf } from "../reach.ts";
import { runOnce } from "../test-support/run-once.ts";
import { isExact } from "./scaled.ts";

/** `x` is scaled by `s` and positive; `u` is computed from the image too, and is not; `w…` are weights. */
const graphOf = (
  body: string,
  weights = "",
) => `g (float[N,4,6,6] i${weights === "" ? "" : `, ${weights}`}) => (float[N,?,?,?] y)
  <float s = {1}, float zero = {0}, float one = {1}, float three = {3}, float six = {6}, float two = {2}, float tiny = {1e-6},
   int64[1] c = {1}, int64[2] hw = {2, 3}, int64[4] flat = {0, 4, 36, 1}, int64[2] axes = {1, 2}, int64[1] last = {3},
   int64[4] first = {0, 0, 0, 0}, int64[4] front = {9, 2, 9, 9}, int64[8] around = {0, 0, 1, 1, 0, 0, 1, 1}>
  { x0 = Abs (i)  x = Mul (x0, s)  u = Neg (i)  ${body} }`;

const endOf = (model: Model): End => {
  const { model: canonical, shapes } = canonicalize(model);
  const flow = createFlow(canonical, shapes, "i", []);
  const { ends } = reachOf({ flow, residuals: [], outputs: new Set(["y"]) }, "x");
  expect(ends).toHaveLength(1);
  return ends[0] as End;
};

const next = noise(7);
const image = new Tensor("float32", Float32Array.from({ length: 2 * 4 * 36 }, next), [2, 4, 6, 6]);

const at = async (model: Model, scale: number): Promise<readonly number[]> => {
  const initializers = new Map(model.graph.initializers).set("s", makeTensor("float32", [], [scale]));
  const { y } = await runOnce(withGraph(model, { initializers }), { i: image });
  return Array.from((y as Tensor).data as Float32Array);
};

const largest = (values: readonly number[]): number => Math.max(...values.map(Math.abs));
/** Largest difference beside the largest number. */
const apart = (a: readonly number[], b: readonly number[]): number =>
  largest(a.map((v, i) => v - (b[i] as number))) / largest(b);

/** Rounding of float32, which doubling keeps, but for ε and the like. */
const SAME = 1e-4;
const OTHER = 1e-3;

describe("exactly", () => {
  it.each([
    ["Relu of a difference", 1, "a = Relu (x)  b = LeakyRelu (a)  y = Neg (b)"],
    ["PRelu", 1, "a = Neg (x)  y = PRelu (a, w)", "float[4,1,1] w"],
    ["convolution", 1, "y = Conv <pads=[1,1,1,1]> (x, w)", "float[5,4,3,3] w"],
    ["transposed convolution", 1, "y = ConvTranspose (x, w)", "float[4,5,2,2] w"],
    ["MatMul", 1, "y = MatMul (x, w)", "float[6,5] w"],
    ["MatMul from the left", 1, "y = MatMul (w, x)", "float[5,6] w"],
    ["pools", 1, "a = MaxPool <kernel_shape=[2,2]> (x)  y = AveragePool <kernel_shape=[2,2]> (a)"],
    ["global pools", 1, "a = GlobalAveragePool (x)  b = GlobalMaxPool (x)  y = Add (a, b)"],
    ["movement", 1, "a = Reshape (x, flat)  y = Transpose <perm=[0,2,1,3]> (a)"],
    ["Slice, Concat with itself", 1, "a = Slice (x, first, front)  y = Concat <axis=1> (a, x)"],
    ["zero padding", 1, "y = Pad (x, around)"],
    ["reflecting padding", 1, 'y = Pad <mode="reflect"> (x, around)'],
    [
      "reductions",
      1,
      "a = ReduceMean (x, hw)  b = ReduceMax (x, hw)  c1 = ReduceL2 (x, hw)  y = Sum (a, b, c1)",
    ],
    ["sum of squares", 2, "y = ReduceSumSquare (x, hw)"],
    ["product with a constant", 1, "y = Mul (x, w)", "float[4,1,1] w"],
    ["product with what is not scaled", 1, "y = Mul (x, u)"],
    ["quotient by what is not scaled", 1, "y = Div (x, u)"],
    ["product with itself", 2, "y = Mul (x, x)"],
    ["queries and keys", 2, "y = MatMul (x, x)"],
    ["reciprocal", -1, "a = Reciprocal (x)  y = Div (a, two)"],
    ["square root", 0.5, "y = Sqrt (x)"],
    ["power", 3, "y = Pow (x, three)"],
    ["square of a root", 1, "a = Sqrt (x)  y = Mul (a, a)"],
    ["sum of two that follow", 1, "a = Mul (x, w)  y = Sub (x, a)", "float[4,1,1] w"],
    ["an epsilon", 1, "y = Add (x, tiny)"],
    ["a lower bound of 0", 1, "y = Clip (x, zero)"],
    ["the larger of 0", 1, "y = Max (x, zero)"],
    ["choice between two that follow", 1, "k = Greater (u, zero)  a = Neg (x)  y = Where (k, x, a)"],
    ["Resize", 1, 'y = Resize <mode="linear"> (x, , sc)', "", "sc"],
  ] as readonly [string, number, string, string?, string?][])(
    "%s: degree %s",
    async (_, degree, body, weights = "", extra = "") => {
      const text = graphOf(body, weights);
      const model = textModel(
        extra === "" ? text : text.replace("float s =", "float[4] sc = {1, 1, 2, 2}, float s ="),
      );
      const { kind, state } = endOf(model);
      expect([kind, isExact(state), state.offset, state.degree]).toEqual(["output", true, undefined, degree]);
      const [plain, doubled] = [await at(model, 1), await at(model, 2)];
      expect(
        apart(
          doubled,
          plain.map((v) => v * 2 ** degree),
        ),
      ).toBeLessThan(SAME);
    },
  );
});

describe("nearly", () => {
  it.each([
    ["bias", "bias of", "y = Conv (x, w, b)", "float[5,4,1,1] w, float[5] b"],
    ["bias of a channel", "bias of", "y = Add (x, b)", "float[4,1,1] b"],
    ["a number", "bias of", "y = Add (x, three)"],
    ["constant of each place", "constant added in", "y = Add (x, b)", "float[4,6,6] b"],
    ["sum with what is not scaled", "an unscaled value added in", "y = Add (x, u)"],
    ["difference", "an unscaled value added in", "y = Sub (u, x)"],
    ["GELU", "GELU", "y = Gelu (x)"],
    ["GELU written out", "GELU", "a = Div (x, two)  e = Erf (a)  f = Add (e, one)  y = Mul (x, f)"],
    ["SiLU", "SiLU", "a = Sigmoid (x)  y = Mul (x, a)"],
    ["hard-swish", "hard-swish", "y = HardSwish (x)"],
    ["hard-swish written out", "hard-swish", "a = Add (x, three)  e = Clip (a, zero, six)  y = Mul (x, e)"],
    ["Mish", "activation with", "a = Softplus (x)  e = Tanh (a)  y = Mul (x, e)"],
    ["ELU", "Elu", "a = Neg (x)  y = Elu (a)"],
    ["ReLU6", "ReLU6", "a = Mul (x, w)  y = Clip (a, zero, six)", "float[4,4,6,6] w", "big"],
    [
      "gate",
      "gate",
      "m = GlobalAveragePool (x)  k = Conv (m, w)  a = Sigmoid (k)  y = Mul (x, a)",
      "float[4,4,1,1] w",
    ],
    ["attention", "attention by", "t = MatMul (x, x)  a = Softmax (t)  y = MatMul (a, x)"],
    ["different powers", "different powers added in", "a = Mul (x, x)  y = Add (x, a)"],
    ["mask", "mask", "k = Greater (u, zero)  y = Where (k, x, three)"],
    ["a bound", "Max", "y = Max (x, one)"],
    ["constant padding", "constant around it in", "y = Pad (x, around, one)"],
    [
      "mixed channels",
      "scaled and unscaled channels together in",
      "a = Concat <axis=1> (x, u)  y = Conv (a, w)",
      "float[5,8,1,1] w",
    ],
    [
      "mixed channels, reduced",
      "scaled and unscaled channels together in",
      "a = Concat <axis=1> (x, u)  y = ReduceMean (a, c)",
    ],
    ["logarithm", "Log", "a = Add (x, tiny)  y = Log (a)"],
    ["unknown operator", "what is not known of", "y = LRN <size=3, alpha=1.0> (x)"],
  ] as readonly [string, string, string, string?, string?][])(
    "%s",
    async (_, what, body, weights = "", extra = "") => {
      const made = textModel(graphOf(body, weights));
      // ReLU6 clips only what is large
      const model =
        extra === ""
          ? made
          : withGraph(made, {
              initializers: new Map(made.graph.initializers).set("w", makeTensor("float32", [], [9])),
            });
      const { state } = endOf(model);
      expect([isExact(state), state.bounded, state.reasons.map((r) => r.what)]).toEqual([
        false,
        undefined,
        [what],
      ]);
      const [plain, doubled] = [await at(model, 1), await at(model, 2)];
      expect(
        apart(
          doubled,
          plain.map((v) => v * 2 ** state.degree),
        ),
      ).toBeGreaterThan(OTHER);
    },
  );
});

describe("bounded", () => {
  it.each([
    ["Sigmoid", "y = Sigmoid (x)"],
    ["Softmax of a product", "a = MatMul (x, x)  y = Softmax (a)"],
    ["Softmax with a position bias", "a = Add (x, b)  y = Softmax (a)", "float[4,6,6] b"],
    ["HardSigmoid", "y = HardSigmoid (x)"],
    ["hard sigmoid written out", "a = Add (x, three)  y = Clip (a, zero, six)"],
    ["Tanh, and what is not scaled times it", "a = Tanh (x)  y = Mul (u, a)"],
    ["queries alone", "a = MatMul (x, u)  p = Softmax (a)  y = MatMul (p, u)"],
  ] as [string, string, string?][])("%s", async (_, body, weights = "") => {
    const model = textModel(graphOf(body, weights));
    const { state } = endOf(model);
    expect(state.bounded).toBeDefined();
    const [plain, huge] = [await at(model, 1), await at(model, 1e4)];
    expect(largest(huge)).toBeLessThanOrEqual(6 + largest(plain));
    expect(apart(huge, plain)).toBeGreaterThan(OTHER);
  });
});

describe("cancelled", () => {
  it.each([
    ["x / ‖x‖", "n = ReduceL2 (x, last)  y = Div (x, n)"],
    ["x / max(‖x‖, ε)", "n = ReduceL2 (x, last)  m = Clip (n, tiny)  y = Div (x, m)"],
    [
      "x · 1 / √(mean x² + ε)",
      "q = Mul (x, x)  m = ReduceMean (q, last)  e = Add (m, tiny)  r = Sqrt (e)  v = Reciprocal (r)  y = Mul (x, v)",
    ],
    ["LpNormalization", "y = LpNormalization <axis=1, p=2> (x)"],
  ])("%s", async (_, body) => {
    const model = textModel(graphOf(body));
    const { kind, state } = endOf(model);
    expect([kind, isExact(state)]).toEqual(["normalized", true]);
    expect(apart(await at(model, 2), await at(model, 1))).toBeLessThan(SAME);
  });
});

it("takes a bias for an offset that each channel's mean would take off", async () => {
  const model = textModel(
    graphOf("a = Conv (x, w, b)  y = Transpose <perm=[0,1,3,2]> (a)", "float[5,4,1,1] w, float[5] b"),
  );
  const { model: canonical, shapes } = canonicalize(model);
  const flow = createFlow(canonical, shapes, "i", []);
  const { ends } = reachOf({ flow, residuals: [], outputs: new Set(["y"]) }, "x");
  // the end settles it: no normalization follows
  expect(ends[0]?.state.reasons.map(({ what }) => what)).toEqual(["bias of"]);
  const [plain, doubled] = [await at(model, 1), await at(model, 2)];
  const rest = doubled.map((v, i) => v - 2 * (plain[i] as number));
  for (let channel = 0; channel < 10; channel++) {
    const own = rest.slice(channel * 36, (channel + 1) * 36);
    expect(Math.max(...own) - Math.min(...own)).toBeLessThan(1e-5);
  }
});

it("says nothing of what only tells larger from smaller, or a shape", () => {
  const model = textModel(graphOf("k = Greater (x, zero)  y = Where (k, u, u)"));
  const { model: canonical, shapes } = canonicalize(model);
  const flow = createFlow(canonical, shapes, "i", []);
  expect(reachOf({ flow, residuals: [], outputs: new Set(["y"]) }, "x").ends).toEqual([]);
});
