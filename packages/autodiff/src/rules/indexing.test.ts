// Oracle: finite differences (test-support/gradient-spec.ts). Index inputs stand for indices computed while running.
import { describeGradients, type SpecTable } from "../test-support/gradient-spec.ts";
import { fixed, integers } from "../test-support/random.ts";
import type * as indexing from "./indexing.ts";

const gather = (name: string, dims: string, indices: string, axis: number) => ({
  name,
  graph: `(float[${dims}] x) => (y) <int64${indices}> { y = Gather <axis = ${axis}> (x, i) }`,
});

const SPEC: SpecTable<typeof indexing> = {
  Gather: [
    gather("class token: a scalar index", "N,4,3", " i = {0}", 1),
    gather("a negative scalar index", "N,4,3", " i = {-1}", -2),
    gather("a run of neighbours", "N,5,3", "[3] i = {1, 2, 3}", 1),
    gather("a permutation", "N,4,2", "[4] i = {2, 0, 3, 1}", 1),
    gather("a subset", "N,5", "[2] i = {4, 1}", 1),
    gather("repeated, negative and missing", "N,4,2", "[5] i = {1, -1, 1, 3, 0}", 1),
    gather("one place very often", "N,3", "[7] i = {0, 0, 0, 2, 0, 0, 0}", 1),
    gather("a table of rank two (unfold)", "N,2,5", "[3,2] i = {0, 1, 1, 2, 3, 4}", 2),
    gather("of the batch", "N,3", "[2] i = {0, 0}", 0),
    gather("the first of the batch", "N,3", " i = {0}", 0),
    {
      name: "computed places, some of them negative and repeated",
      graph: "(float[N,4,2] x, int64[2,3] i) => (y) { y = Gather <axis = 1> (x, i) }",
      inputs: { i: integers(-4, 4) },
    },
    {
      name: "a computed scalar place",
      graph: "(float[N,4,2] x, int64 i) => (y) { y = Gather <axis = -1> (x, i) }",
      inputs: { i: fixed(1) },
    },
    {
      name: "queries, keys and values of one transposed tensor (ONNX Runtime moves the Transpose through their gradients)",
      graph:
        "(float[N,4,3,2,2] x) => (y) <int64 zero = {0}, int64 one = {1}, int64 two = {2}> { " +
        "t = Transpose <perm = [2, 0, 3, 1, 4]> (x)  q = Gather (t, zero)  k = Gather (t, one)  v = Gather (t, two) " +
        "kt = Transpose <perm = [0, 1, 3, 2]> (k)  s = MatMul (q, kt)  y = MatMul (s, v) }",
    },
    {
      name: "as_strided: places in the flattened batch, computed from its size",
      graph:
        "(float[N,3,2] x) => (y) <int64[1] flat = {-1}, int64 zero = {0}, int64 one = {1}, int64[1] none = {0}, int64[3] three = {4, 0, 2}, " +
        "int64[3] column = {-1, 1, 1}, int64[2] pair = {1, 0}, int64 stride = {6}, int64[2] tall = {3, 1}> { " +
        "f = Reshape (x, flat)  s = Shape <end = 1> (x)  n = Squeeze (s, none)  r = Range (zero, n, one) " +
        "rs = Mul (r, stride)  rc = Reshape (rs, column)  t = Reshape (three, tall)  tp = Add (t, pair)  i = Add (rc, tp)  y = Gather <axis = 0> (f, i) }",
    },
    {
      name: "places and data that both follow the batch",
      graph:
        "(float[N,4,2] x) => (y) <int64[1] flat = {-1}, int64 zero = {0}, int64 one = {1}, int64 four = {4}, int64[1] none = {0}> { " +
        "s = Shape <end = 1> (x)  n = Squeeze (s, none)  r = Range (zero, n, one)  i = Mod (r, four)  y = Gather <axis = 1> (x, i) }",
    },
  ],
  GatherElements: [
    {
      name: "repeated and negative",
      graph: "(float[N,4] x, int64[N,6] i) => (y) { y = GatherElements <axis = 1> (x, i) }",
      inputs: { i: integers(-4, 4) },
    },
    {
      name: "fewer rows than the data",
      graph: "(float[3,4] x, int64[2,4] i) => (y) { y = GatherElements (x, i) }",
      inputs: { i: integers(0, 3) },
    },
  ],
  GatherND: [
    {
      name: "whole slices, repeated",
      graph: "(float[3,2,4] x, int64[5,1] i) => (y) { y = GatherND (x, i) }",
      inputs: { i: integers(0, 3) },
    },
    {
      name: "elements, negative",
      graph: "(float[3,2,4] x, int64[5,3] i) => (y) { y = GatherND (x, i) }",
      inputs: { i: integers(-2, 2) },
    },
    {
      name: "per image",
      graph: "(float[N,4,3] x, int64[N,2,1] i) => (y) { y = GatherND <batch_dims = 1> (x, i) }",
      inputs: { i: integers(0, 4) },
    },
    {
      name: "by the first two axes",
      graph: "(float[3,4,2] x) => (y) <int64[2,2] i = {0, 1, 2, 0}> { y = GatherND (x, i) }",
    },
  ],
  ScatterElements: [
    {
      name: "written",
      graph: "(float[N,4] x, float[N,2] u, int64[N,2] i) => (y) { y = ScatterElements <axis = 1> (x, i, u) }",
      inputs: {
        i: (dims) =>
          Array.from({ length: dims[0] as number }, (_, k) => [k % 4, -1 - ((k + 1) % 2) * 2])
            .flat()
            .map((v, k) => (k % 2 === 0 ? v % 2 : v)),
      },
    },
    {
      name: "added, with repeats",
      graph:
        '(float[N,4] x, float[N,5] u, int64[N,5] i) => (y) { y = ScatterElements <axis = -1, reduction = "add"> (x, i, u) }',
      inputs: { i: integers(-4, 4) },
    },
  ],
  ScatterND: [
    {
      name: "written slices",
      graph: "(float[4,3] x, float[2,3] u) => (y) <int64[2,1] i = {3, 1}> { y = ScatterND (x, i, u) }",
    },
    {
      name: "written slices, negative places",
      graph: "(float[4,2,3] x, float[2,2,3] u) => (y) <int64[2,1] i = {-1, 0}> { y = ScatterND (x, i, u) }",
    },
    {
      name: "added elements, with repeats",
      graph:
        '(float[4,3] x, float[3] u) => (y) <int64[3,2] i = {3, 1, 0, 0, 3, 1}> { y = ScatterND <reduction = "add"> (x, i, u) }',
    },
  ],
  Compress: [
    {
      name: "along an axis",
      graph: "(float[N,4,2] x) => (y) <bool[4] c = {1, 0, 0, 1}> { y = Compress <axis = 1> (x, c) }",
    },
    {
      name: "of the flattened value, condition shorter",
      graph: "(float[3,2] x) => (y) <bool[5] c = {0, 1, 1, 0, 1}> { y = Compress (x, c) }",
    },
    {
      name: "of the batch",
      graph: "(float[N,2] x) => (y) <bool[1] c = {1}> { y = Compress <axis = 0> (x, c) }",
    },
  ],
  OneHot: [
    {
      name: "by its values",
      graph: "(int64[N,2] i, float[2] v) => (y) <int64 depth = {3}> { y = OneHot (i, depth, v) }",
      inputs: { i: integers(-3, 3) },
      precision: "float",
    },
    {
      name: "by its values, along an inner axis",
      graph: "(int64[N,2] i, float[2] v) => (y) <int64 depth = {4}> { y = OneHot <axis = 1> (i, depth, v) }",
      inputs: { i: integers(0, 4) },
      precision: "float",
    },
  ],
};

describeGradients(SPEC);
