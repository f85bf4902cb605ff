import { expect, it } from "vitest";
import { parseGraphText } from "../parse-text.ts";
import { dataTypeOf, dimsOf, inferShapes } from "./shapes.ts";
import { runWithOnnxRuntime } from "./test-support/onnxruntime.ts";
import { completeShapes, type RunModel } from "./trace-shapes.ts";

const never: RunModel = () => Promise.reject(new Error("there is nothing to run for"));

it("finds by running what no shape function knows, and infers on from there", async () => {
  const model = parseGraphText(`<ir_version: 10, opset_import: ["": 20, "ai.onnx.ml": 3]>
    g (int64[N,6] x) => () <int64[1] half = {2}> {
      scaled = ai.onnx.ml.Scaler <offset = [0.5], scale = [2.0]> (x)
      shape = Shape (scaled)
      smaller = Div (shape, half)
      y = Expand (half, smaller)
    }`);
  const shapes = inferShapes(model);
  expect([dimsOf(shapes, "scaled"), dimsOf(shapes, "y")]).toEqual([undefined, undefined]);
  const complete = await completeShapes(model, shapes, runWithOnnxRuntime);
  expect([dataTypeOf(complete, "scaled"), dimsOf(complete, "scaled")]).toEqual(["float32", [-1, 6]]);
  expect(complete.probes.map((types) => types.get("smaller")?.value)).toEqual([
    [1, 3],
    [1, 3],
  ]);
  expect(dimsOf(complete, "y")).toEqual([1, 3]);
  expect(dimsOf(shapes, "scaled")).toBeUndefined();
});

it("leaves alone what depends on the data", async () => {
  const model = parseGraphText("g (float[N,6] x) => () { i = NonZero (x) t = Transpose (i) y = Relu (x) }");
  const complete = await completeShapes(model, inferShapes(model), never);
  expect(["i", "t", "y"].map((name) => dimsOf(complete, name))).toEqual([undefined, undefined, [-1, 6]]);
});
