// Oracle: finite differences (test-support/gradient-spec.ts).
import { describeGradients, type SampledRow, type SpecTable } from "../test-support/gradient-spec.ts";
import type * as matmul from "./matmul.ts";

const product = (a: string, c: string): SampledRow => ({
  name: `[${a}] x [${c}]`,
  graph: `(float[${a}] a, float[${c}] c) => (y) { y = MatMul (a, c) }`,
});

const SPEC: SpecTable<typeof matmul> = {
  MatMul: [
    product("N,3", "3,2"),
    product("N,4,3", "3,2"),
    product("N,2,4,3", "3,2"),
    product("N,4,3", "N,3,2"),
    product("N,1,4,3", "5,3,2"),
    product("4,3", "N,3,2"),
    product("1,4,3", "N,3,2"),
    product("N,4,3", "1,3,2"),
    product("1,3", "N,3,2"),
    product("N,2,3,4,3", "2,1,3,2"),
    product("3", "3"),
    product("3", "3,2"),
    product("N,3", "3"),
    product("3", "N,3,2"),
    product("N,2,4,3", "3"),
    { name: "of a value by itself", graph: "(float[N,3,3] a) => (y) { y = MatMul (a, a) }" },
    {
      name: "queries, keys and values from one tensor",
      graph:
        "(float[N,4,3] x) => (y) { k = Transpose <perm = [0, 2, 1]> (x)  s = MatMul (x, k)  y = MatMul (s, x) }",
    },
  ],
  Gemm: [
    ...[0, 1].flatMap((transA) =>
      [0, 1].map((transB) => ({
        name: `transA = ${transA}, transB = ${transB}, alpha and beta`,
        graph:
          `(float[${transA ? "3,4" : "4,3"}] a, float[${transB ? "2,3" : "3,2"}] c, float[2] d) => (y) ` +
          `{ y = Gemm <transA = ${transA}, transB = ${transB}, alpha = 0.7, beta = -1.3> (a, c, d) }`,
      })),
    ),
    {
      name: "a linear layer over the batch",
      graph: "(float[N,3] a, float[2,3] c, float[2] d) => (y) { y = Gemm <transB = 1> (a, c, d) }",
    },
    {
      name: "without C",
      graph: "(float[N,3] a, float[3,2] c) => (y) { y = Gemm <alpha = 2.0> (a, c) }",
    },
    {
      name: "C of every shape",
      graph:
        "(float[N,3] a, float[3,2] c, float d, float[1,2] e, float[N,1] f) => (y) { p = Gemm (a, c, d)  q = Gemm (a, c, e)  r = Gemm <beta = 0.5> (a, c, f)  s = Mul (p, q)  y = Mul (s, r) }",
    },
  ],
};

describeGradients(SPEC);
