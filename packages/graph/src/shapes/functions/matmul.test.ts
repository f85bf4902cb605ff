import { expect, it } from "vitest";
import { parseGraphText } from "../../parse-text.ts";
import { inferShapes } from "../shapes.ts";
import { agreesWithRuntime } from "../test-support/agrees-with-runtime.ts";

const MS = '<ir_version: 10, opset_import: ["": 20, "com.microsoft": 1]>';
const QUANT = "float s = {0.5}, uint8 z = {3}";

it.each([
  "g (float[2,3] a, float[3,4] b) => (y) { y = MatMul (a, b) }",
  "g (float[3] a, float[3,4] b) => (y) { y = MatMul (a, b) }",
  "g (float[5,2,3] a, float[3] b) => (y) { y = MatMul (a, b) }",
  "g (float[3] a, float[3] b) => (y) { y = MatMul (a, b) }",
  "g (float[5,1,2,3] a, float[6,3,4] b) => (y) { y = MatMul (a, b) }",
  "g (uint8[2,3] a, uint8[3,4] b) => (y) { y = MatMulInteger (a, b) }",
  `g (uint8[2,3] a, uint8[3,4] b) => (y) <${QUANT}> { y = QLinearMatMul (a, s, z, b, s, z, s, z) }`,
  "g (float[2,3] a, float[3,4] b, float[4] c) => (y) { y = Gemm (a, b, c) }",
  "g (float[3,2] a, float[4,3] b) => (y) { y = Gemm <transA = 1, transB = 1> (a, b) }",
  'g (float[2,3] a, float[3,4] b) => (y) { y = Einsum <equation = "ij, jk -> ki"> (a, b) }',
  'g (float[2,3] a, float[3,4] b) => (y) { y = Einsum <equation = "ij,jk"> (a, b) }',
  'g (float[2,3,3] a) => (y) { y = Einsum <equation = "Bii->B"> (a) }',
  'g (float[7,2,3] a, float[1,3,4] b) => (y) { y = Einsum <equation = "...ij,...jk->...ik"> (a, b) }',
  'g (float[7,2,3] a, float[3,4] b) => (y) { y = Einsum <equation = "...zj,ja"> (a, b) }',
  'g (float[2,5,3] a, float[2,4,3] b) => (y) { y = Einsum <equation = "bqd,bkd->bqk"> (a, b) }',
  "g (float[2,3,3] a) => (y) { y = Det (a) }",
  `${MS} g (float[2,3,4] a, float[2,5,4] b) => (y) { y = com.microsoft.FusedMatMul <transB = 1, alpha = 0.5> (a, b) }`,
  `${MS} g (float[2,4,3] a, float[2,4,5] b) => (y) { y = com.microsoft.FusedMatMul <transA = 1> (a, b) }`,
  `${MS} g (float[2,6,4] a, float[6,4,5] b) => (y) { y = com.microsoft.FusedMatMul <transBatchA = 1> (a, b) }`,
  `${MS} g (float[2,6,4] a, float[6,2,5] b) => (y) { y = com.microsoft.FusedMatMul <transA = 1, transBatchA = 1> (a, b) }`,
  `${MS} g (float[2,3] a, float[3,4] b) => (y) { y = com.microsoft.FusedGemm <activation = "Relu"> (a, b) }`,
  `${MS} g (uint8[2,3] a, uint8[3,4] b) => (y) <${QUANT}> { y = com.microsoft.MatMulIntegerToFloat (a, b, s, s) }`,
  `${MS} g (float[2,3] a, uint8[3,4] b) => (y) <${QUANT}> { y = com.microsoft.DynamicQuantizeMatMul (a, b, s) }`,
  `${MS} g (uint8[2,3] a) => (y) <uint8[3,4] b = {1,1,1,1,1,1,1,1,1,1,1,1}, int32[4] c = {0,0,0,0}, ${QUANT}> { y = com.microsoft.QGemm (a, s, z, b, s, z, c, s, z) }`,
  `${MS} g (uint8[2,3] a) => (y) <uint8[3,4] b = {1,1,1,1,1,1,1,1,1,1,1,1}, int32[4] c = {0,0,0,0}, ${QUANT}> { y = com.microsoft.QGemm (a, s, z, b, s, z, c) }`,
])("%s", agreesWithRuntime);

it("refuses matrices that do not fit", () => {
  const model = parseGraphText("g (float[2,3] a, float[2,3] b) => (y) { [mm] y = MatMul (a, b) }");
  expect(() => inferShapes(model)).toThrow(/MatMul "mm": cannot multiply \[2, 3\] by \[2, 3\]/);
});
