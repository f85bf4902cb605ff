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
  const model = parseGraphText(`g (float[N,6] x, bool flag) => () <int64[1] one = {1}> {
    places = NonZero (x)
    count = Shape (places)
    padded = Expand (one, count)
    y = If <
      then_branch = yes () => (r) { r = Flatten <axis = 0> (x) },
      else_branch = no () => (r) { r = Unsqueeze (x, one) }
    > (flag)
  }`);
  const complete = await completeShapes(model, inferShapes(model), never);
  const found = ["places", "padded", "y"].filter((name) => dimsOf(complete, name) !== undefined);
  expect(found).toEqual([]);
});

it("runs for a shape that is computed from constants in a way inference does not follow", async () => {
  const model = parseGraphText(`g (float[N,6] x) => () <float[2] logs = {0.6931472, 1.0986123}> {
    sizes = Exp (logs)
    rounded = Round (sizes)
    shape = Cast <to = 7> (rounded)
    grid = ConstantOfShape (shape)
    y = Relu (x)
  }`);
  const shapes = inferShapes(model);
  expect(dimsOf(shapes, "grid")).toBeUndefined();
  expect(dimsOf(await completeShapes(model, shapes, runWithOnnxRuntime), "grid")).toEqual([2, 3]);
});
