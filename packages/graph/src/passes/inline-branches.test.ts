// Oracle: ONNX Runtime's outputs before and after.
import { expect, it } from "vitest";
import { canonicalize } from "../canonicalize.ts";
import { inferShapes } from "../shapes/shapes.ts";
import { inlineBranches } from "./inline-branches.ts";
import { expectSameOutputs, graphAt, opTypes } from "./test-support/compare.ts";

/** Drops axis 1 if it has size 1, as the TorchScript exporter writes a squeeze. */
const dropAxis = (size: number) =>
  graphAt(
    18,
    `g (float[N,${size},4] x) => (y) <int64[1] one = {1}, int64[1] axes = {1}> {
    s = Shape <start = 1, end = 2> (x)
    c = Equal (s, one)
    a = Relu (x)
    z = If <then_branch = t () => (r) { k = Constant <value = float {2}> () m = Mul (a, k) r = ReduceSum <keepdims = 0> (m, axes) },
            else_branch = e () => (i) { i = Identity (a) }> (c)
    y = Neg (z)
  }`,
  );

it.each([
  [1, ["Relu", "Mul", "ReduceSum", "Neg"]],
  [2, ["Relu", "Neg"]],
])("takes the branch that the condition decides, axis of size %i", async (size, ops) => {
  const model = dropAxis(size);
  const { model: canonical, shapes } = canonicalize(model);
  expect(opTypes(canonical)).toEqual(ops);
  expect(shapes.probes[0]?.get("y")?.dims).toEqual(size === 1 ? [2, 4] : [2, 2, 4]);
  await expectSameOutputs(model, canonical);
});

it("gives names inside a branch that are taken outside another one", async () => {
  const model = graphAt(
    18,
    `g (float[2] x) => (y) <bool yes = {1}, bool no = {0}> {
    p = If <then_branch = t () => (r) { m = Exp (x) r = Neg (m) }, else_branch = e () => (q) { q = Abs (x) }> (yes)
    o = If <then_branch = t () => (r) { m = Abs (x) r = Neg (m) }, else_branch = e () => (q) { m = Sin (x) q = Neg (m) }> (no)
    y = Add (p, o)
  }`,
  );
  const { graph } = inlineBranches(model, inferShapes(model));
  const made = graph.nodes.flatMap((n) => n.outputs);
  expect(new Set(made).size).toBe(made.length);
  await expectSameOutputs(model, canonicalize(model).model);
});

it("opens branches within branches", async () => {
  const inner =
    "i () => (r) { r = If <then_branch = a () => (u) { u = Exp (x) }, else_branch = b () => (v) { v = Abs (x) }> (no) }";
  const model = graphAt(
    18,
    `g (float[2] x) => (y) <bool yes = {1}, bool no = {0}> {
    p = If <then_branch = ${inner}, else_branch = e () => (q) { q = Neg (x) }> (yes)
    y = Relu (p)
  }`,
  );
  const { model: canonical } = canonicalize(model);
  expect(opTypes(canonical)).toEqual(["Abs", "Relu"]);
  await expectSameOutputs(model, canonical);
});

it("leaves an If whose condition is computed", () => {
  const model = graphAt(
    18,
    `g (float[2] x, bool c) => (y) {
    y = If <then_branch = t () => (r) { r = Exp (x) }, else_branch = e () => (q) { q = Abs (x) }> (c)
  }`,
  );
  expect(inlineBranches(model, inferShapes(model))).toBe(model);
});
