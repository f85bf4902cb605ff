// Oracle: finite differences (test-support/gradient-spec.ts). Small convolutional networks whose gradients take the forms of
// blocked.ts, silu.ts and spread-gates.ts; the plain forms are checked by the same means in the tests of the rules.
import { createBuilder, inferShapes, parseGraphText } from "@snellen/graph";
import { describe, expect, it } from "vitest";
import { isBlocked } from "./blocked.ts";
import { differentiate } from "./differentiate.ts";
import { checkRow, type GradientRow } from "./test-support/gradient-spec.ts";
import { openModel } from "./test-support/run-model.ts";

const net = (name: string, body: string, constants = ""): GradientRow => ({
  name,
  graph:
    `(float[N,2,4,4] x, float[4,2,3,3] w) => (y) <${constants}> { c = Conv <pads = [1,1,1,1]> (x, w)  ${body} }`.replace(
      "<>",
      "",
    ),
  precision: "float",
  tolerance: 1e-2,
  why: "several products in single precision",
});

const ROWS: readonly GradientRow[] = [
  net("SiLU", "s = Sigmoid (c)  y = Mul (c, s)"),
  net("SiLU, sigmoid first, read twice", "s = Sigmoid (c)  m = Mul (s, c)  y = Add (m, s)"),
  net(
    "hard swish, between its corners",
    "d = Conv <group = 4> (c, k)  y = HardSwish (d)",
    "float[4,1,1,1] k = {0.1, 0.1, 0.1, 0.1}",
  ),
  net("mean over the map", "s = Sigmoid (c)  p = GlobalAveragePool (s)  y = Mul (p, p)"),
  net(
    "average of overlapping windows",
    "y = AveragePool <kernel_shape = [3,3], strides = [2,2], pads = [1,1,1,1]> (c)",
  ),
  net("average of tiles", "s = Sigmoid (c)  y = AveragePool <kernel_shape = [2,2], strides = [2,2]> (s)"),
  net(
    "depthwise, stride 2",
    "s = Sigmoid (c)  d = Conv <group = 4, strides = [2,2], pads = [1,1,1,1]> (s, k)  y = Sigmoid (d)",
    `float[4,1,3,3] k = {${Array.from({ length: 36 }, (_, i) => Math.sin(i + 1).toFixed(3))}}`,
  ),
  net(
    "squeeze and excitation",
    "s = Sigmoid (c)  p = GlobalAveragePool (s)  f = Conv (p, k)  g = Sigmoid (f)  y = Mul (g, s)",
    `float[4,4,1,1] k = {${Array.from({ length: 16 }, (_, i) => Math.sin(i + 1).toFixed(3))}}`,
  ),
  net(
    "a gate from a matrix product",
    "p = ReduceMean <keepdims = 0> (c, axes)  f = MatMul (p, k)  r = Unsqueeze (f, axes)  g = Sigmoid (r)  y = Mul (c, g)",
    `int64[2] axes = {2, 3}, float[4,4] k = {${Array.from({ length: 16 }, (_, i) => Math.sin(i + 1).toFixed(3))}}`,
  ),
];

describe("gradients of small networks", () => {
  it.each(ROWS.map((row) => [row.name, row] as const))("%s", async (_, row) => {
    await checkRow(row);
  });
});

it("gives the gradient by a sigmoid itself when that is asked for", async () => {
  const model = parseGraphText("g (float[1] x) => (float[1] y) { s = Sigmoid (x)  y = Mul (x, s) }");
  const { model: derived, gradients } = differentiate(model, inferShapes(model), {
    of: ["y"],
    wrt: ["x", "s"],
    seed: "ones",
  });
  const runnable = await openModel(derived);
  const outputs = await runnable.run({ x: { dataType: "float32", dims: [1], data: [2] } });
  await runnable.release();
  expect(outputs[gradients.get("s") ?? ""]?.data).toEqual([2]);
  const s = 1 / (1 + Math.exp(-2));
  expect(outputs[gradients.get("x") ?? ""]?.data[0]).toBeCloseTo(s + 2 * s * (1 - s), 6);
});

it("tells maps between convolutions from the scores of an attention", () => {
  const model = parseGraphText(`g (float[N,3,8,8] x, float[4,3,3,3] w, float[N,4,5,5] q) => (y) {
    c = Conv (x, w)  a = Add (c, c)  r = Relu (a)  d = Div (r, r)  s = MatMul (q, q)  y = Relu (s)
  }`);
  const b = createBuilder(model, inferShapes(model));
  expect(["c", "a", "r", "d", "x", "s", "y"].map((value) => isBlocked(b, value))).toEqual([
    true,
    true,
    true,
    false,
    false,
    false,
    false,
  ]);
});

it("repeats gates only where a gradient passes", () => {
  const model = parseGraphText(`g (float[N,2,4,4] x, float[2,2,1,1] w) => (float[N,2,4,4] y) {
    c = Conv (x, w)  p = GlobalAveragePool (c)  m = Mul (c, p)  d = Conv (m, w)  q = GlobalAveragePool (d)  y = Mul (d, q)
  }`);
  const resized = (wrt: string) => {
    const { nodes } = differentiate(model, inferShapes(model), { of: ["y"], wrt: [wrt] }).model.graph;
    return ["m", "y"].map((name) =>
      nodes.find((n) => n.outputs[0] === name)?.inputs[1]?.endsWith("/repeated"),
    );
  };
  expect(resized("x")).toEqual([true, true]);
  expect(resized("d")).toEqual([false, true]);
});
