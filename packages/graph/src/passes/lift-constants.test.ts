import { expect, it } from "vitest";
import { attr } from "../model.ts";
import { parseGraphText } from "../parse-text.ts";
import { tensorNumbers } from "../tensor.ts";
import { liftConstants } from "./lift-constants.ts";
import { expectSameOutputs, graphAt, opTypes } from "./test-support/compare.ts";

it.each([
  ["value = float[2] {1.5, 2}", "float32", [2], [1.5, 2]],
  ["value_int = 3", "int64", [], [3]],
  ["value_ints = [3, 4]", "int64", [2], [3, 4]],
  ["value_float = 0.5", "float32", [], [0.5]],
  ["value_floats = [0.5, 1.0]", "float32", [2], [0.5, 1]],
])("lifts Constant <%s>", (attribute, dataType, dims, values) => {
  const model = liftConstants(
    parseGraphText(`g (float[2] x) => (y) { c = Constant <${attribute}> () y = Foo (x, c) }`),
  );
  const tensor = model.graph.initializers.get("c")!;
  expect(opTypes(model)).toEqual(["Foo"]);
  expect([tensor.dataType, tensor.dims, tensorNumbers(tensor)]).toEqual([dataType, dims, values]);
});

it("keeps the bytes of a tensor, without copying them", () => {
  const model = parseGraphText(
    "g (float[2] x) => (y) { c = Constant <value = float[2] {1, 2}> () y = Add (x, c) }",
  );
  expect(liftConstants(model).graph.initializers.get("c")).toBe(attr.tensor(model.graph.nodes[0]!, "value"));
});

it("lifts inside a sub-graph, where the constant stood", async () => {
  const model = graphAt(
    18,
    `g (float[2] x, bool c) => (y) {
    y = If <then_branch = t () => (float[2] a) { k = Constant <value = float {2}> () a = Mul (x, k) },
            else_branch = e () => (float[2] b) { b = Neg (x) }> (c)
  }`,
  );
  const lifted = liftConstants(model);
  const branch = attr.graph(lifted.graph.nodes[0]!, "then_branch");
  expect([[...branch.initializers.keys()], branch.nodes.length]).toEqual([["k"], 1]);
});

it("takes initializers out of the graph inputs (IR < 4)", () => {
  const model = parseGraphText("g (float[2] x, float[2] w) => (y) <float[2] w = {1, 2}> { y = Add (x, w) }");
  expect(liftConstants(model).graph.inputs.map((v) => v.name)).toEqual(["x"]);
});

it("leaves a constant that is an output, and a model without constants", async () => {
  const output = graphAt(
    18,
    "g (float[2] x) => (y, c) { c = Constant <value = float[2] {1, 2}> () y = Add (x, c) }",
  );
  expect(liftConstants(output)).toBe(output);
  const plain = graphAt(18, "g (float[2] x) => (y) <float[2] w = {1, 2}> { y = Add (x, w) }");
  expect(liftConstants(plain)).toBe(plain);
  await expectSameOutputs(output, liftConstants(output));
});

it("refuses sparse constants by name", () => {
  const model = parseGraphText("g () => (y) { c = Constant <sparse_value = 1> () y = Relu (c) }");
  expect(() => liftConstants(model)).toThrow(expect.objectContaining({ code: "sparse-constant" }));
});
