// Oracle: ONNX Runtime's outputs before and after at two batch sizes, and the list of operators that are left.
import { describe, expect, it } from "vitest";
import { inferShapes } from "../shapes/shapes.ts";
import { tensorNumbers } from "../tensor.ts";
import { batchFreeShape, foldConstants } from "./fold-constants.ts";
import { removeDead } from "./remove-dead.ts";
import { expectSameOutputs, graphAt, opTypes } from "./test-support/compare.ts";

const graph = (body: string, constants = "int64 one = {1}", x = "float[N,4,6] x") =>
  graphAt(18, `g (${x}) => (y) <${constants}> {\n ${body}\n}`);

describe("folds", () => {
  it.each([
    [
      "dimensions that do not follow the batch",
      "s = Shape <start = 1> (x)\n p = ReduceProd <keepdims = 1> (s)\n f = Cast <to = 1> (p)\n y = Div (x, f)",
      ["Div"],
    ],
    [
      "the scale of attention",
      "s = Shape (x)\n d = Slice (s, a, b)\n f = Cast <to = 1> (d)\n r = Sqrt (f)\n t = Div (o, r)\n y = Mul (x, t)",
      ["Mul"],
    ],
    [
      "a Reshape that follows the batch at one position",
      "s = Shape <end = 1> (x)\n t = Concat <axis = 0> (s, k)\n y = Reshape (x, t)",
      ["Reshape"],
    ],
    [
      "a Reshape with a batch and a -1",
      "s = Shape <end = 1> (x)\n t = Concat <axis = 0> (s, m)\n y = Reshape (x, t)",
      ["Reshape"],
    ],
    [
      "a Reshape whose first entry is a multiple of the batch",
      "s = Shape <end = 1> (x)\n u = Mul (s, two)\n t = Concat <axis = 0> (u, k)\n y = Reshape (x, t)",
      ["Reshape"],
    ],
  ])("%s", async (_, body, ops) => {
    const k = body.includes("Mul (s, two)") ? "int64[2] k = {3, 4}" : "int64[2] k = {6, 4}";
    const model = graph(
      body,
      `int64[1] a = {-1}, int64[1] b = {9223372036854775807}, float o = {1}, ${k}, int64[1] m = {-1}, int64 two = {2}`,
    );
    const shapes = inferShapes(model);
    const folded = removeDead(foldConstants(model, shapes));
    expect(opTypes(folded)).toEqual(ops);
    await expectSameOutputs(model, folded);
    for (const name of folded.graph.initializers.keys()) expect(shapes.probes[0]?.has(name)).toBe(true);
  });
});

describe("leaves", () => {
  it.each([
    ["contents that follow the batch", "s = Shape <end = 1> (x)\n f = Cast <to = 1> (s)\n y = Add (x, f)"],
    ["what is a graph output", "y = Shape <start = 1> (x)"],
    ["random numbers", "r = RandomNormal <shape = [6]> ()\n y = Add (x, r)"],
  ])("%s", (_, body) => {
    const model = graph(body);
    expect(foldConstants(model, inferShapes(model))).toBe(model);
  });
});

it("writes down only what is read", () => {
  const model = graph(
    "s = Shape <start = 1> (x)\n t = Neg (s)\n u = Neg (t)\n f = Cast <to = 1> (u)\n r = ReduceSum (f)\n y = Add (x, r)",
  );
  const folded = foldConstants(model, inferShapes(model));
  expect([...folded.graph.initializers.keys()]).toEqual(["one", "r"]);
  expect(tensorNumbers(folded.graph.initializers.get("r")!)).toEqual([10]);
});

describe("batchFreeShape", () => {
  const inputs = [
    [2, 12],
    [3, 12],
  ];
  it.each<[string, number[][], boolean, number[] | undefined]>([
    [
      "batch first",
      [
        [2, 3, 4],
        [3, 3, 4],
      ],
      false,
      [-1, 3, 4],
    ],
    [
      "batch first, beside a -1 and copied",
      [
        [2, -1],
        [3, -1],
      ],
      false,
      [0, -1],
    ],
    [
      "a multiple of the batch beside a -1",
      [
        [4, -1],
        [6, -1],
      ],
      false,
      undefined,
    ],
    [
      "batch at two positions",
      [
        [2, 2],
        [3, 3],
      ],
      false,
      undefined,
    ],
    [
      "the same at every probe",
      [
        [2, 3],
        [2, 3],
      ],
      false,
      undefined,
    ],
    [
      "a copying 0",
      [
        [2, 0],
        [3, 0],
      ],
      false,
      [-1, 0],
    ],
    [
      "a 0 that is a size",
      [
        [2, 0],
        [3, 0],
      ],
      true,
      undefined,
    ],
  ])("%s", (_, values, allowZero, expected) => {
    expect(batchFreeShape(values, inputs, allowZero)).toEqual(expected);
  });
});
