// Oracle: ONNX Runtime's outputs before and after, and the list of operators that are left.
import { expect, it } from "vitest";
import { inferShapes } from "../shapes/shapes.ts";
import { expectSameOutputs, graphAt, opTypes } from "./test-support/compare.ts";
import { useGlobalPooling } from "./use-global-pooling.ts";

const graph = (body: string, x = "float[N,2,3,4] x") =>
  graphAt(
    18,
    `g (${x}) => (y) <int64[2] axes = {2, 3}, int64[2] back = {-1, -2}, int64[2] other = {1, 2}> {\n ${body}\n}`,
  );

it.each([
  ["kept axes", "y = ReduceMean (x, axes)", ["GlobalAveragePool"]],
  [
    "axes from the end, not kept",
    "y = ReduceMean <keepdims = 0> (x, back)",
    ["GlobalAveragePool", "Flatten"],
  ],
])("replaces %s", async (_, body, operators) => {
  const model = graph(body);
  const shapes = inferShapes(model);
  const pooled = useGlobalPooling(model, shapes);
  expect(opTypes(pooled)).toEqual(operators);
  await expectSameOutputs(model, pooled);
  for (const node of pooled.graph.nodes) {
    for (const name of node.outputs)
      expect(shapes.probes[0]?.get(name)).toEqual(inferShapes(pooled).probes[0]?.get(name));
  }
});

it.each([
  ["other axes", graph("y = ReduceMean (x, other)")],
  ["all axes", graph("y = ReduceMean (x)")],
  ["other ranks", graph("y = ReduceMean (x, axes)", "float[N,2,3,4,5] x")],
  ["double precision", graph("y = ReduceMean (x, axes)", "double[N,2,3,4] x")],
])("leaves %s alone", (_, model) => {
  expect(useGlobalPooling(model, inferShapes(model))).toBe(model);
});
