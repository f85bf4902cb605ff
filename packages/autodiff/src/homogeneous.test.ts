// Oracle: Euler's theorem. Of graphs without biases, Σ x · gradient under these rules is the output itself, wherever the rules
// hold what scales others fixed; the true gradient's sum is not (it is about zero behind a normalization).
import { createBuilder, inferShapes, parseGraphText } from "@snellen/graph";
import { describe, expect, it } from "vitest";
import { backpropagate } from "./backpropagate.ts";
import { expandOnPath } from "./expand-on-path.ts";
import { homogeneousRule } from "./homogeneous.ts";
import { seededRandom } from "./test-support/random.ts";
import { openModel } from "./test-support/run-model.ts";

const GRAPHS: Readonly<Record<string, string>> = {
  "layer normalization": `<float[6] s = {1, -2, 0.5, 3, 1, 2}> { n = LayerNormalization <epsilon = 0.0> (x, s)  y = Mul (n, w) }`,
  "RMS normalization": `<float[6] s = {1, -2, 0.5, 3, 1, 2}> { n = RMSNormalization <epsilon = 0.0> (x, s)  y = Mul (n, w) }`,
  GELU: `{ n = Gelu (x)  y = Mul (n, w) }`,
  "GELU by tanh": `{ n = Gelu <approximate = "tanh"> (x)  y = Mul (n, w) }`,
  "hard swish": `{ n = HardSwish (x)  y = Mul (n, w) }`,
  "a gate": `{ g = Sigmoid (x)  n = Mul (x, g)  y = Mul (n, w) }`,
  "ReLU6 features behind a gate": `<float lo = {0}, float hi = {6}> {
    r = Clip (x, lo, hi)  g = Sigmoid (x)  n = Mul (r, g)  y = Mul (n, w) }`,
  "ReLU6 features before a gate that was moved": `<float lo = {0}, float hi = {6}> {
    r = Clip (x, lo, hi)  s = Sigmoid (r)  g = Identity (s)  n = Mul (g, r)  y = Mul (n, w) }`,
  "a gate made of a clip": `<float lo = {0}, float hi = {6}, float c = {3}> {
    s = Add (x, c)  g = Clip (s, lo, hi)  n = Mul (x, g)  y = Mul (n, w) }`,
  "ReLU and a sum of branches": `{ r = Relu (x)  t = Mul (x, w)  y = Add (r, t) }`,
  attention: `<float[6] s = {1, 1, 1, 1, 1, 1}> {
    t = Transpose <perm = [1, 0]> (x)  p = MatMul (x, t)  a = Softmax (p)  y0 = MatMul (a, x)  y = Mul (y0, w) }`,
  "an even product over a norm": `<int64[1] axes = {1}> { q = Mul (x, x)  m = ReduceL2 <keepdims = 1> (x, axes)  y0 = Div (q, m)  y = Mul (y0, w) }`,
};

async function sums(graph: string) {
  const opset = graph.includes("RMS") ? 23 : 20;
  const written = parseGraphText(
    `<ir_version: 9, opset_import: ["": ${opset}]> g (float[3,6] x, float[6] w) => (float[3,6] y) ${graph}`,
  );
  const { model, shapes } = expandOnPath(written, inferShapes(written), { of: ["y"], wrt: ["x"] });
  const b = createBuilder(model, shapes);
  const seeds = new Map([["y", b.op("Expand", [b.scalar(1), b.op("Shape", ["y"])])]]);
  const held = b.output(backpropagate(b, seeds, ["x"], homogeneousRule).get("x") as string, "held");
  const plain = b.output(backpropagate(b, seeds, ["x"]).get("x") as string, "plain");
  const runnable = await openModel(b.build());
  const random = seededRandom(7);
  const x = Array.from({ length: 18 }, () => 2 * random() - 0.7);
  const outputs = await runnable.run({
    x: { dataType: "float32", dims: [3, 6], data: x },
    w: { dataType: "float32", dims: [6], data: [1, -1, 2, 0.5, 3, -2] },
  });
  await runnable.release();
  const dot = (name: string) =>
    outputs[name]?.data.reduce((sum: number, g, i) => sum + Number(g) * (x[i] as number), 0) ?? Number.NaN;
  const y = outputs.y?.data.reduce((sum: number, v) => sum + Number(v), 0) ?? Number.NaN;
  return { y, held: dot(held), plain: dot(plain) };
}

describe("Σ x · gradient is the output", () => {
  it.each(Object.keys(GRAPHS))("behind %s", async (name) => {
    const { y, held, plain } = await sums(GRAPHS[name] as string);
    expect(Math.abs(y)).toBeGreaterThan(0.1);
    expect(held).toBeCloseTo(y, 4);
    if (!name.startsWith("ReLU") && !name.startsWith("an even"))
      expect(Math.abs(plain - y)).toBeGreaterThan(0.05);
  });
});
