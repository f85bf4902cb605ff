// Oracle: ONNX Runtime's outputs before and after, and the list of operators that are left.
import { describe, expect, it } from "vitest";
import { parseGraphText } from "../parse-text.ts";
import { inferShapes } from "../shapes/shapes.ts";
import { removeIdentities } from "./remove-identities.ts";
import { expectSameOutputs, graphAt, opTypes } from "./test-support/compare.ts";

const graph = (body: string, constants = "") =>
  graphAt(18, `g (float[N,3] x) => (y) ${constants && `<${constants}>`} {\n ${body}\n}`);

describe("goes", () => {
  it.each([
    ["Identity in the middle", "a = Identity (x)\n y = Relu (a)", ""],
    [
      "Identity of an initializer",
      "a = Identity (w)\n y = Relu (x)\n z = Add (a, x)",
      "float[3] w = {1, 2, 3}",
    ],
    ["Identity before the output", "a = Relu (x)\n y = Identity (a)", ""],
    [
      "a chain before the output",
      "a = Relu (x)\n b = Identity (a)\n c = Identity (b)\n y = Identity (c)",
      "",
    ],
    ["Dropout", "a = Dropout (x)\n y = Relu (a)", ""],
    [
      "Dropout with training_mode false",
      "a, m = Dropout (x, r, t)\n y = Relu (a)",
      "float r = {0.5}, bool t = {0}",
    ],
    ["Cast to the same type", "a = Cast <to = 1> (x)\n y = Relu (a)", ""],
    ["CastLike", "a = CastLike (x, x)\n y = Relu (a)", ""],
    ["Concat of one", "a = Concat <axis = 0> (x)\n y = Relu (a)", ""],
    ["Transpose in order", "a = Transpose <perm = [0, 1]> (x)\n y = Relu (a)", ""],
    ["Pad by nothing", "a = Pad (x, p)\n y = Relu (a)", "int64[4] p = {0, 0, 0, 0}"],
    ["Reshape to the same shape", "a = Reshape (x, s)\n y = Relu (a)", "int64[2] s = {-1, 3}"],
    [
      "Slice of everything",
      "a = Slice (x, s, e)\n y = Relu (a)",
      "int64[1] s = {0}, int64[1] e = {9223372036854775807}",
    ],
    ["Expand to the same shape", "a = Expand (x, s)\n y = Relu (a)", "int64[2] s = {1, 3}"],
  ])("%s", async (_, body, constants) => {
    const model = graph(body, constants);
    const simple = removeIdentities(model, inferShapes(model));
    expect(opTypes(simple).filter((op) => op !== "Add")).toEqual(["Relu"]);
    expect(simple.graph.outputs).toBe(model.graph.outputs);
    await expectSameOutputs(model, simple);
  });
});

describe("stays", () => {
  it.each([
    ["Identity of an input as output", "y = Identity (x)", ""],
    ["Dropout whose mask is read", "a, m = Dropout (x)\n b = Cast <to = 1> (m)\n y = Add (a, b)", ""],
    ["Dropout in training", "a = Dropout (x, r, t)\n y = Relu (a)", "float r = {0.0}, bool t = {1}"],
    ["Cast to another type", "a = Cast <to = 11> (x)\n y = Relu (a)", ""],
    ["Transpose", "a = Transpose <perm = [1, 0]> (x)\n y = Relu (a)", ""],
    [
      "Expand",
      "a = Unsqueeze (x, z)\n b = Expand (a, s)\n y = Relu (b)",
      "int64[1] z = {0}, int64[3] s = {2, 1, 1}",
    ],
    [
      "a backward Slice",
      "a = Slice (x, s, e, axes, steps)\n y = Relu (a)",
      "int64[1] s = {-1}, int64[1] e = {-9}, int64[1] axes = {1}, int64[1] steps = {-1}",
    ],
  ])("%s", async (_, body, constants) => {
    const model = graph(body, constants);
    const shapes = inferShapes(model);
    expect(removeIdentities(model, shapes)).toBe(model);
  });

  it("one of two outputs that copy the same value", async () => {
    const model = graphAt(
      18,
      "g (float[N] x) => (y, z) {\n a = Relu (x)\n y = Identity (a)\n z = Identity (a)\n}",
    );
    const simple = removeIdentities(model);
    expect(opTypes(simple)).toEqual(["Relu", "Identity"]);
    await expectSameOutputs(model, simple);
  });
});

it("follows a value into the sub-graphs that capture it", async () => {
  const model = graphAt(
    18,
    `g (float[2] x) => (y, a) <bool c = {1}> {
    r = Relu (x)
    i = Identity (r)
    y = If <then_branch = t () => (float[2] p) { p = Add (i, r) }, else_branch = e () => (float[2] q) { q = Identity (i) }> (c)
    a = Identity (r)
  }`,
  );
  const simple = removeIdentities(model);
  expect(opTypes(simple)).toEqual(["Relu", "If"]);
  await expectSameOutputs(model, simple);
});

it("declares a renamed value once", () => {
  const model = parseGraphText(
    "g (float[2] x) => (float[2] y) <float[2] a> { a = Relu (x) y = Identity (a) }",
  );
  expect(removeIdentities(model).graph.valueInfo).toEqual([]);
});
