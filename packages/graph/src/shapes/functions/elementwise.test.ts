import { expect, it } from "vitest";
import { parseGraphText } from "../../parse-text.ts";
import { inferShapes } from "../shapes.ts";
import { agreesWithRuntime } from "../test-support/agrees-with-runtime.ts";

it.each([
  "g (float[2,3] x) => (y) { y = Sigmoid (x) }",
  "g (float[2,3] x) => (y) <float lo = {0}> { y = Clip (x, lo) }",
  "g (float[2,3] x, float[3] s) => (y) { y = PRelu (x, s) }",
  'g (float[2,3] x) => (y) { y = Gelu <approximate = "tanh"> (x) }',
  "g (float[2,1,4] a, float[3,1] b) => (y) { y = Add (a, b) }",
  "g (float a, float[3,1] b) => (y) { y = Div (a, b) }",
  "g (float[2,1] a, float[3] b, float[1,1,1] c) => (y) { y = Sum (a, b, c) }",
  "g (float[2,0] a, float[1,1] b) => (y) { y = Mul (a, b) }",
  "g (float[2,1] a, float[3] b) => (y) { y = Max (a, b) }",
  "g (float[2,1] a, int64[3] b) => (y) { y = Pow (a, b) }",
  "g (int64[2,1] a, int64[3] b) => (y) { y = LessOrEqual (a, b) }",
  "g (bool[2,1] a, bool[3] b) => (y) { y = Xor (a, b) }",
  "g (bool[2,1] a) => (y) { y = Not (a) }",
  "g (float[2,1] a) => (y) { y = IsNaN (a) }",
  "g (bool[2,1] c, float[3] a, float b) => (y) { y = Where (c, a, b) }",
  "g (float[2,3] x) => (y) { y = Cast <to = 7> (x) }",
  "g (float[2,3] x, int64 t) => (y) { y = CastLike (x, t) }",
  "g (float[2,3] x) => (y) { y = Softmax <axis = 0> (x) }",
  "g (float[2,3] x) => (y) { y = Hardmax (x) }",
  "g (float[2,3] x) => (y) <int64 axis = {1}> { y = CumSum (x, axis) }",
  'g (uint8[2,3] x, uint8[3] s) => (y) { y = BitShift <direction = "LEFT"> (x, s) }',
])("%s", agreesWithRuntime);

it("refuses operands that cannot be broadcast, naming the node", () => {
  const model = parseGraphText("g (float[2,3] a, float[2] b) => (y) { [sum] y = Add (a, b) }");
  expect(() => inferShapes(model)).toThrow(
    expect.objectContaining({
      code: "shape-mismatch",
      message: expect.stringContaining('Add "sum": cannot broadcast [2, 3] with [2]'),
    }),
  );
});

it("knows nothing of a result whose operand is unknown", () => {
  const model = parseGraphText("g (float[4] a, float[1] b) => (y) { u = Unique (a) y = Add (b, u) }");
  expect(inferShapes(model).probes[0]?.has("y")).toBe(false);
});
