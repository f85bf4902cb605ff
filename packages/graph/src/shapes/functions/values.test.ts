import { expect, it } from "vitest";
import { parseGraphText } from "../../parse-text.ts";
import { inferShapes } from "../shapes.ts";
import { agreesOnContents } from "../test-support/agrees-with-runtime.ts";

const A = "int64[2,3] a = {7, -7, 5, 0, 3, -1}";
const F = "float[2,3] f = {2.5, -3.5, 0.1, 7, -0.5, 1.5}";

it.each([
  // Shape arithmetic starts here.
  "g (float[2,3,4] x) => (y) { y = Shape (x) n = Size (x) part = Shape <start = -2, end = -1> (x) }",
  "g () => (y) { y = Constant <value_ints = [3, -1]> () f = Constant <value_float = 0.1> () }",
  "g () => (y) { y = Constant <value = float[2] {0.1, 2.0}> () i = Constant <value_int = 4> () f = Constant <value_floats = [0.5, 1.5]> () }",
  "g (float[2,3] x) => (y) { s = Shape (x) y = ConstantOfShape <value = int64[1] {-3}> (s) z = ConstantOfShape (s) }",
  "g () => (y) <int64 a = {10}, int64 b = {0}, int64 c = {-3}> { y = Range (a, b, c) }",
  "g () => (y) <float a = {0}, float b = {1}, float c = {0.1}> { y = Range (a, b, c) }",
  // Arithmetic.
  `g () => () <${A}, int64[3] b = {2, 3, -2}> { s = Add (a, b) d = Sub (a, b) m = Mul (a, b) q = Div (a, b) }`,
  `g () => () <${A}, int64[3] b = {2, 3, -2}> { m = Mod (a, b) f = Mod <fmod = 1> (a, b) p = Pow (b, b) }`,
  `g () => () <${F}, float b = {0.3}> { s = Add (f, b) d = Sub (f, b) m = Mul (f, b) q = Div (f, b) r = Mod <fmod = 1> (f, b) }`,
  `g () => () <${F}> { n = Neg (f) a = Abs (f) l = Floor (f) c = Ceil (f) r = Round (f) s = Sqrt (a) i = Reciprocal (f) g = Sign (f) }`,
  `g () => () <${A}, int64[3] b = {2, 3, -2}, int64 c = {1}> { n = Min (a, b, c) x = Max (a, b) s = Clip (a, c) }`,
  `g () => () <${A}, int64[3] b = {7, 3, -2}> { e = Equal (a, b) g = Greater (a, b) l = LessOrEqual (a, b) n = Not (e) o = Or (e, g) d = And (n, o) x = Xor (e, d) }`,
  `g () => () <${A}, ${F}> { i = Cast <to = 7> (f) b = Cast <to = 9> (a) h = Cast <to = 1> (a) w = Where (b, f, h) l = CastLike (f, a) n = Cast <to = 6> (a) }`,
  "g () => () <float[3] f = {0.1, 1000.3, 70000}> { h = Cast <to = 10> (f) d = Cast <to = 11> (f) }",
  // Reductions.
  `g () => () <${A}, int64[1] k = {-1}> { s = ReduceSum (a, k) p = ReduceProd <keepdims = 0> (a, k) x = ReduceMax (a) n = ReduceMin <keepdims = 0> (a) }`,
  `g () => () <${A}> { x = ArgMax <axis = 1> (a) n = ArgMin <keepdims = 0> (a) z = NonZero (a) }`,
  "g () => () <int64[1,4] a = {3, 1, 3, 1}> { x = ArgMax <axis = 1> (a) l = ArgMax <axis = 1, select_last_index = 1> (a) n = ArgMin <axis = 1, select_last_index = 1> (a) }",
  `g () => () <int64[2] a = {1, -1}, int64 d = {3}, int64[2] v = {7, 9}> { x = OneHot (a, d, v) y = OneHot <axis = 0> (a, d, v) }`,
  // Movement.
  `g () => () <${A}, int64[2] s = {3, 2}, int64[1] k = {0}> { r = Reshape (a, s) f = Flatten <axis = 0> (a) u = Unsqueeze (a, k) q = Squeeze (u) t = Transpose (a) i = Identity (a) }`,
  `g () => () <${A}, int64 i = {-1}, int64[2,2] j = {0, 1, 2, 0}> { x = Gather (a, i) y = Gather <axis = 1> (a, j) }`,
  `g () => () <${A}, int64[2,2] j = {0, -1, 2, 0}> { x = GatherElements <axis = 1> (a, j) y = ScatterElements <axis = 1> (a, j, j) }`,
  `g () => () <${A}, int64[2,2] j = {0, -1, 1, 0}, int64[2] u = {40, 50}> { x = ScatterND (a, j, u) y = ScatterND <reduction = "add"> (a, j, u) }`,
  `g () => () <${A}, int64[1,1] j = {1}, int64[1,3] u = {40, 50, 60}> { x = ScatterND (a, j, u) }`,
  `g () => () <${A}, int64[2,1] b = {8, 9}> { x = Concat <axis = 1> (a, b, a) y = Concat <axis = 0> (a, a) }`,
  `g () => () <${A}, int64[2] s = {0, -1}, int64[2] e = {2, -9}, int64[2] k = {0, 1}, int64[2] t = {1, -2}> { y = Slice (a, s, e, k, t) }`,
  `g () => () <${A}, int64[2] s = {1, 2}> { p, q = Split <axis = 1> (a, s) }`,
  `g () => () <int64[2,1] a = {4, 5}, int64[3] s = {2, 1, 3}, int64[2] r = {2, 2}> { y = Expand (a, s) z = Tile (a, r) }`,
  `g () => () <${A}, int64[4] p = {0, 1, 1, -1}, int64 v = {6}> { y = Pad (a, p, v) z = Pad (a, p) }`,
])("%s", agreesOnContents);

it.each([
  [
    "an integer overflow",
    "g () => () <int64[1] a = {9223372036854775807}, int64[1] b = {1}> { y = Add (a, b) }",
  ],
  ["int32 arithmetic that wraps around", "g () => () <int32[1] a = {2000000000}> { y = Add (a, a) }"],
  ["a division by zero", "g () => () <int64[1] a = {1}, int64[1] b = {0}> { y = Div (a, b) }"],
  ["a cast of infinity", "g () => () <float[1] a = {inf}> { y = Cast <to = 7> (a) }"],
])("does not follow %s", (_, text) => {
  const type = inferShapes(parseGraphText(text)).probes[0]?.get("y");
  expect(type?.dims).toEqual([1]);
  expect(type?.value).toBeUndefined();
});

it("follows long chains, and gives up on absurd ones", () => {
  const counter = (length: number): string => {
    const adds = Array.from({ length }, (_, i) => `v${i + 1} = Add (v${i}, v0)`);
    return `g () => () <int64[1] v0 = {1}> { ${adds.join(" ")} }`;
  };
  const last = (length: number) =>
    inferShapes(parseGraphText(counter(length))).probes[0]?.get(`v${length}`)?.value;
  expect([last(900), last(5000)]).toEqual([[901], undefined]);
});

it("keeps numbers too large for a double as 'to the end'", () => {
  const text = `g (float[5,4] x) => () <int64[1] s = {1}, int64[1] e = {9223372036854775807}, int64[1] z = {0}> {
    ends = Concat <axis = 0> (e, z)
    first = Gather (ends, z)
    y = Slice (x, s, first)
  }`;
  expect(inferShapes(parseGraphText(text)).probes[0]?.get("y")?.dims).toEqual([4, 4]);
});

it("follows the shape arithmetic of an exporter, whatever the batch", () => {
  const text = `g (float[N,8,6] x) => () <int64[1] zero = {0}, int64 one = {1}, int64 two = {2}, int64[1] all = {-1}> {
    s = Shape (x)
    n = Gather (s, zero)
    c = Gather <axis = 0> (s, one)
    half = Div (c, two)
    h = Unsqueeze (half, zero)
    shape = Concat <axis = 0> (n, h, all)
    y = Reshape (x, shape)
  }`;
  const { probes } = inferShapes(parseGraphText(text));
  expect(probes.map((types) => types.get("y")?.dims)).toEqual([
    [2, 4, 12],
    [3, 4, 12],
  ]);
});
