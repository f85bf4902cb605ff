// Oracle: ONNX Runtime's outputs before and after; on real models beside the repository when they are there.
import { existsSync, readdirSync, readFileSync } from "node:fs";
import { describe, expect, it } from "vitest";
import { canonicalize } from "./canonicalize.ts";
import { opsetOf } from "./model.ts";
import { parseGraphText } from "./parse-text.ts";
import { expectSameOutputs, graphAt, opTypes } from "./passes/test-support/compare.ts";
import { parseModel } from "./protobuf.ts";

/** What the TorchScript exporter writes for x.view(x.shape[0], -1, 4) and the scale of attention, at opset 11. */
const EXPORTED = graphAt(
  11,
  `g (float[batch,3,8] x) => (y) {
  s = Shape (x)
  zero = Constant <value = int64 {0}> ()
  n = Gather <axis = 0> (s, zero)
  m = Constant <value = int64[1] {-1}> ()
  four = Constant <value = int64[1] {4}> ()
  u = Unsqueeze <axes = [0]> (n)
  t = Concat <axis = 0> (u, m, four)
  r = Reshape (x, t)
  h = Constant <value = float {4}> ()
  q = Sqrt (h)
  d = Div (r, q)
  i = Identity (d)
  p = Dropout <ratio = 0.1> (i)
  y = ReduceMean <axes = [1], keepdims = 0> (p)
}`,
);

it("leaves nothing of shape arithmetic, no-ops and old forms", async () => {
  const { model, shapes } = canonicalize(EXPORTED);
  expect(opsetOf(model)).toBe(18);
  expect(opTypes(model)).toEqual(["Reshape", "Div", "ReduceMean"]);
  expect(shapes.probes.map((types) => types.get("y")?.dims)).toEqual([
    [2, 4],
    [3, 4],
  ]);
  await expectSameOutputs(EXPORTED, model);
});

it("types every value of the canonical model, new constants included", () => {
  const { model, shapes } = canonicalize(EXPORTED);
  const names = [...model.graph.initializers.keys(), ...model.graph.nodes.flatMap((n) => n.outputs)];
  expect(names.filter((name) => !shapes.probes.every((types) => types.has(name)))).toEqual([]);
});

it("does not change what is canonical, nor the model it is given", () => {
  const { model } = canonicalize(EXPORTED);
  const again = canonicalize(model).model;
  expect(again).toBe(model);
  expect(EXPORTED.graph.nodes).toHaveLength(14);
});

it("says which dimension has no size, and takes one", () => {
  const text = "g (float[N,3,H,4] x) => (y) {\n y = Relu (x)\n}";
  expect(() => canonicalize(parseGraphText(text))).toThrow(/axis 2 \("H"\) has no fixed size/);
  expect(canonicalize(parseGraphText(text), { dims: { H: 5 } }).shapes.probes[1]?.get("y")?.dims).toEqual([
    3, 3, 5, 4,
  ]);
});

const FOLDER = new URL("../../../../shared/models/", import.meta.url);
const models = existsSync(FOLDER)
  ? readdirSync(FOLDER).filter((f) => /^(cifar10|face|vww).*\.onnx$/.test(f))
  : [];

describe.skipIf(models.length === 0)("real models give the same outputs", () => {
  it.each(models)("%s", async (file) => {
    const model = parseModel(new Uint8Array(readFileSync(new URL(file, FOLDER))));
    await expectSameOutputs(model, canonicalize(model).model, 1e-5);
  });
});
