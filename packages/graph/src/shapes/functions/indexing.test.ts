import { expect, it } from "vitest";
import { parseGraphText } from "../../parse-text.ts";
import { inferShapes } from "../shapes.ts";
import { agreesWithRuntime } from "../test-support/agrees-with-runtime.ts";

it.each([
  "g (float[2,3,4] x) => (y) <int64 i = {-1}> { y = Gather <axis = 1> (x, i) }",
  "g (float[2,3,4] x) => (y) <int64[2,2] i = {0, 1, 2, 0}> { y = Gather <axis = -1> (x, i) }",
  "g (float[2,3] x) => (y) <int64[2,1] i = {0, 1}> { y = GatherElements <axis = 1> (x, i) }",
  "g (float[2,3,4] x) => (y) <int64[5,2] i = {0, 0, 1, 2, 0, 1, 1, 1, 0, 2}> { y = GatherND (x, i) }",
  "g (float[2,3,4] x) => (y) <int64[2,1] i = {0, 2}> { y = GatherND <batch_dims = 1> (x, i) }",
  "g (float[2,3] x, float[1,3] u) => (y) <int64[1,1] i = {1}> { y = ScatterND (x, i, u) }",
  "g (float[2,3] x, float[1,2] u) => (y) <int64[1,2] i = {1, 0}> { y = ScatterElements <axis = 1> (x, i, u) }",
  "g (int64[2,3] x) => (y) <int64 d = {5}, float[2] v = {0, 1}> { y = OneHot (x, d, v) }",
  "g (int64[2,3] x) => (y) <int64 d = {5}, int64[2] v = {0, 1}> { y = OneHot <axis = 1> (x, d, v) }",
  "g (float[2,3] x) => (y) { y = EyeLike <k = 1, dtype = 7> (x) }",
  "g (float[4,3] x) => (y) <bool[4] c = {1, 0, 1, 1}> { y = Compress <axis = 0> (x, c) }",
  "g (float[2,3] x) => (y) <bool[4] c = {1, 0, 1, 1}> { y = Compress (x, c) }",
  "g () => (y) { y = RandomNormal <shape = [2, 3], dtype = 11> () }",
  "g (int64[2,3] x) => (y) { y = RandomUniformLike <dtype = 1> (x) }",
  "g (float[2,3] x) => (y) { y = RandomNormalLike (x) }",
  "g (float[2,3] x) => (y) { y = Bernoulli (x) }",
  "g (float[2,3] x) => (y) { y = Multinomial <sample_size = 5> (x) }",
  "g () => (y) <int64 n = {10}> { y = HannWindow (n) }",
])("%s", agreesWithRuntime);

it("does not know how many elements depend on the data", () => {
  const model = parseGraphText(
    "g (float[4] x, bool[4] c) => () { a = NonZero (x) b = Compress (x, c) u = Unique (x) }",
  );
  expect([...(inferShapes(model).probes[0]?.keys() ?? [])]).toEqual(["x", "c"]);
});
