// Oracle: ONNX Runtime runs the model with its functions; the inlined one must give the same.
import { describe, expect, it } from "vitest";
import { type Model, opsetOf } from "../model.ts";
import { parseGraphText } from "../parse-text.ts";
import { inlineFunctions } from "./inline-functions.ts";
import { expectSameOutputs, opTypes } from "./test-support/compare.ts";

const model = (graph: string, ...functions: string[]): Model =>
  parseGraphText(`<ir_version: 10, opset_import: ["" : 18, "local" : 1]>\n${graph}\n${functions.join("\n")}`);
const header = (imports = '"" : 18, "local" : 1') => `<domain: "local", opset_import: [${imports}]>`;

const LEAKY = `${header()}\nleaky <k, beta = 0.25> (x) => (y) {\n t = LeakyRelu <alpha: float = @beta> (x)\n c = Constant <value_float: float = @k> ()\n y = Mul (t, c)\n}`;

describe("inlines", () => {
  it("attributes of the call and defaults, with names of its own at every call", async () => {
    const before = model(
      "g (float[N] x) => (y) {\n t = local.leaky <k = 2.0> (x)\n y = local.leaky <k = 3.0, beta = 0.5> (t)\n}",
      LEAKY,
    );
    const after = inlineFunctions(before);
    expect(opTypes(after)).toEqual(["LeakyRelu", "Constant", "Mul", "LeakyRelu", "Constant", "Mul"]);
    expect(after.functions).toEqual([]);
    expect([...after.opsets.keys()]).toEqual([""]);
    const made = after.graph.nodes.flatMap((n) => n.outputs);
    expect(new Set(made).size).toBe(made.length);
    await expectSameOutputs(before, after);
  });

  it("calls within functions", async () => {
    const twice = `${header()}\ntwice <k> (x) => (y) {\n a = local.leaky <k: float = @k> (x)\n y = local.leaky <k: float = @k> (a)\n}`;
    const before = model("g (float[N] x) => (y) {\n y = local.twice <k = 2.0> (x)\n}", LEAKY, twice);
    const after = inlineFunctions(before);
    expect(opTypes(after)).toHaveLength(6);
    await expectSameOutputs(before, after);
  });

  it("absent inputs and outputs, and an output that is an input", async () => {
    const both = `${header()}\nboth (x, low, high) => (p, q, r) {\n p = Clip (x, low, high)\n q = Neg (x)\n r = Identity (x)\n}`;
    const pass = `${header()}\npass (x) => (x) {\n}`;
    const before = model(
      "g (float[N] x) => (y) <float h = {0.2}> {\n p, , r = local.both (x, , h)\n s = local.pass (r)\n y = Add (p, s)\n}",
      both,
      pass,
    );
    const after = inlineFunctions(before);
    expect(after.graph.nodes.find((n) => n.opType === "Clip")?.inputs).toEqual(["x", "", "h"]);
    const expected = model(
      "g (float[N] x) => (y) <float h = {0.2}> {\n p = Clip (x, , h)\n y = Add (p, x)\n}",
    );
    await expectSameOutputs(expected, after);
  });

  it("sub-graphs of a function's body, which see its values", async () => {
    const choose = `${header()}\nchoose (x, c) => (y) {\n a = Exp (x)\n y = If <then_branch = t () => (r) { r = Neg (a) }, else_branch = e () => (q) { q = Abs (a) }> (c)\n}`;
    const before = model(
      "g (float[N] x) => (y) <bool c = {1}, bool d = {0}> {\n a = local.choose (x, c)\n y = local.choose (a, d)\n}",
      choose,
    );
    await expectSameOutputs(before, inlineFunctions(before));
  });

  it("calls inside sub-graphs", async () => {
    const before = model(
      "g (float[N] x) => (y) <bool c = {1}> {\n y = If <then_branch = t () => (r) { r = local.leaky <k = 2.0> (x) }, else_branch = e () => (q) { q = Abs (x) }> (c)\n}",
      LEAKY,
    );
    await expectSameOutputs(before, inlineFunctions(before));
  });

  it("a body written for an older operator set, raised to the model's", async () => {
    const old = `${header('"" : 12')}\nold (x) => (y) {\n y = ReduceSum <axes = [1], keepdims = 0> (x)\n}`;
    const before = model("g (float[N,3] x) => (y) {\n y = local.old (x)\n}", old);
    const after = inlineFunctions(before);
    expect(after.graph.nodes[0]?.inputs).toHaveLength(2);
    await expectSameOutputs(
      model("g (float[N,3] x) => (y) <int64[1] a = {1}> {\n y = ReduceSum <keepdims = 0> (x, a)\n}"),
      after,
    );
  });

  it("a body written for a newer operator set, to which the model is raised", () => {
    const fresh = `${header('"" : 20')}\nfresh (x) => (y) {\n y = Gelu (x)\n}`;
    expect(opsetOf(inlineFunctions(model("g (float[N,3] x) => (y) {\n y = local.fresh (x)\n}", fresh)))).toBe(
      20,
    );
  });
});

it("leaves a model without functions", () => {
  const plain = model("g (float[N] x) => (y) {\n y = Relu (x)\n}");
  expect(inlineFunctions(plain)).toBe(plain);
});

it("refuses a function that calls itself", () => {
  const loop = `${header()}\nloop (x) => (y) {\n y = local.loop (x)\n}`;
  const recursive = model("g (float[N] x) => (y) {\n y = local.loop (x)\n}", loop);
  expect(() => inlineFunctions(recursive)).toThrow(expect.objectContaining({ code: "recursive-function" }));
});
