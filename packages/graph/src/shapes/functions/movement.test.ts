import { expect, it } from "vitest";
import { parseGraphText } from "../../parse-text.ts";
import { inferShapes } from "../shapes.ts";
import { agreesWithRuntime } from "../test-support/agrees-with-runtime.ts";

const opset = (version: number) => `<ir_version: 6, opset_import: ["": ${version}]>`;

it.each([
  "g (float[2,3,4] x) => (y) <int64[3] s = {0, -1, 2}> { y = Reshape (x, s) }",
  "g (float[2,0,4] x) => (y) <int64[3] s = {0, 4, 0}> { y = Reshape <allowzero = 1> (x, s) }",
  "g (float[1] x) => (y) <int64[0] s = {}> { y = Reshape (x, s) }",
  "g (float[2,3,4] x) => (y) { y = Flatten <axis = -1> (x) }",
  "g (float[2,3,4] x) => (y) { y = Flatten <axis = 0> (x) }",
  "g (float[2,3,4] x) => (y) { y = Flatten <axis = 3> (x) }",
  "g (float[2,3,4] x) => (y) { y = Transpose (x) }",
  "g (float[2,3,4] x) => (y) { y = Transpose <perm = [1, 2, 0]> (x) }",
  "g (float[2,3] a, float[2,5] b) => (y) { y = Concat <axis = -1> (a, b) }",
  "g (float[7,2] x) => (a, b, c) { a, b, c = Split <num_outputs = 3> (x) }",
  "g (float[2,7] x) => (a, b) <int64[2] s = {3, 4}> { a, b = Split <axis = -1> (x, s) }",
  `${opset(11)} g (float[2,7] x) => (a, b) { a, b = Split <axis = 1, split = [3, 4]> (x) }`,
  `${opset(13)} g (float[2,6] x) => (a, b) { a, b = Split <axis = 1> (x) }`,
  "g (float[9,5] x) => (y) <int64[1] s = {1}, int64[1] e = {9223372036854775807}> { y = Slice (x, s, e) }",
  "g (float[9,5] x) => (y) <int64[1] s = {-3}, int64[1] e = {-1}, int64[1] a = {-1}> { y = Slice (x, s, e, a) }",
  "g (float[9,5] x) => (y) <int64[2] s = {-1, 8}, int64[2] e = {-9223372036854775808, 0}, int64[2] a = {0, 1}, int64[2] t = {-2, -1}> { y = Slice (x, s, e, a, t) }",
  "g (float[9,5] x) => (y) <int64[2] s = {20, 3}, int64[2] e = {30, 2}> { y = Slice (x, s, e) }",
  "g (float[9,5] x) => (y) <int64[2] s = {0, 0}, int64[2] e = {9, 4}, int64[2] a = {0, 1}, int64[2] t = {4, 3}> { y = Slice (x, s, e, a, t) }",
  "g (float[0,5] x) => (y) <int64[1] s = {-1}, int64[1] e = {-9}, int64[1] a = {0}, int64[1] t = {-1}> { y = Slice (x, s, e, a, t) }",
  `${opset(9)} g (float[9,5] x) => (y) { y = Slice <axes = [1], starts = [1], ends = [-1]> (x) }`,
  "g (float[1,3,1] x) => (y) { y = Squeeze (x) }",
  "g (float[1,3,1] x) => (y) <int64[1] a = {-1}> { y = Squeeze (x, a) }",
  `${opset(11)} g (float[1,3,1] x) => (y) { y = Squeeze <axes = [0]> (x) }`,
  "g (float[2,3] x) => (y) <int64[2] a = {-1, 0}> { y = Unsqueeze (x, a) }",
  `${opset(11)} g (float[2,3] x) => (y) { y = Unsqueeze <axes = [1]> (x) }`,
  "g (float[3,1] x) => (y) <int64[3] s = {2, 1, 4}> { y = Expand (x, s) }",
  "g (float[3,2] x) => (y) <int64[2] r = {2, 0}> { y = Tile (x, r) }",
  "g (float[3,5] x) => (y) <int64[4] p = {1, -2, 0, 1}> { y = Pad (x, p) }",
  'g (float[3,5] x) => (y) <int64[2] p = {1, 2}, int64[1] a = {-1}> { y = Pad <mode = "reflect"> (x, p, , a) }',
  `${opset(10)} g (float[3,5] x) => (y) { y = Pad <pads = [0, 1, 0, 1]> (x) }`,
  "g (float[3,5] x) => (y) { y = Trilu (x) }",
  "g (float[3,2] x) => (y) <int64[2] n = {1, 2}> { y = ReverseSequence (x, n) }",
])("%s", agreesWithRuntime);

it.each([
  ["g (float[2,3] x) => (y) <int64[1] s = {4}> { [r] y = Reshape (x, s) }", /Reshape "r": cannot reshape/],
  ["g (float[2,3] a, float[2,4] b) => (y) { [c] y = Concat <axis = 0> (a, b) }", /Concat "c": cannot join/],
  ["g (float[2,3] x) => (y) <int64[1] a = {0}> { [s] y = Squeeze (x, a) }", /Squeeze "s": cannot squeeze/],
  [
    "g (float[2,3] x) => (y) { [f] y = Softmax <axis = 2> (x) z = Gather <axis = 5> (y, y) }",
    /axis 5 of a rank-2/,
  ],
])("refuses %s", (text, message) => {
  expect(() => inferShapes(parseGraphText(text))).toThrow(message);
  expect(() => inferShapes(parseGraphText(text))).toThrow(
    expect.objectContaining({ code: "shape-mismatch" }),
  );
});

it("does not guess a shape that is computed from the data", () => {
  const model = parseGraphText("g (float[4] x, int64[1] s) => (y) { y = Reshape (x, s) z = Expand (x, s) }");
  const types = inferShapes(model).probes[0];
  expect([types?.has("y"), types?.has("z")]).toEqual([false, false]);
});
