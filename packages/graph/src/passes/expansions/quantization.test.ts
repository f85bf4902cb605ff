// Oracle: ONNX Runtime runs the quantized operator itself; what it expands to may differ by one unit where rounding decides.
import { expect, it } from "vitest";
import { canonicalize } from "../../canonicalize.ts";
import { EXPANDABLE_OPERATORS, expandOperators } from "../expand-operators.ts";
import { expectSameOutputs, graphAt, opTypes } from "../test-support/compare.ts";

/** x and its uint8 codes q (scale s, zero point z); t is the scale of the result. */
const CONSTANTS = "float s = {0.01}, uint8 z = {120}, float t = {0.02}, uint8 tz = {100}";
const MS = "com.microsoft";

const CASES: readonly { x: string; constants?: string; node: string }[] = [
  {
    x: "float[N,2,4,4] x",
    constants:
      "uint8[3,2,2,2] w = {1,2,3,4,5,6,7,8,9,10,11,12,13,14,15,16,17,18,19,20,21,22,23,24}, float ws = {0.05}, uint8 wz = {12}, int32[3] c = {5, -100, 2000}",
    node: "y = QLinearConv <pads = [1,0,0,1], strides = [2,1]> (q, s, z, w, ws, wz, t, tz, c)",
  },
  {
    x: "float[N,2,3,3] x",
    constants: "int8[2,1,2,2] w = {1,-2,3,-4,5,-6,7,-8}, float[2] ws = {0.05, 0.1}, int8[2] wz = {0, 0}",
    node: "y = QLinearConv <group = 2> (q, s, z, w, ws, wz, t, tz)",
  },
  {
    x: "float[N,3,2] x",
    constants:
      "uint8[2,4] w = {10,20,30,40,50,60,70,80}, float[4] ws = {0.05,0.1,0.2,0.03}, uint8[4] wz = {12,13,40,45}",
    node: "y = QLinearMatMul (q, s, z, w, ws, wz, t, tz)",
  },
  { x: "float[N,5] x", node: `y = ${MS}.QLinearAdd (q, s, z, q, s, z, t, tz)` },
  { x: "float[N,5] x", node: `y = ${MS}.QLinearMul (q, s, z, q, s, z, t, tz)` },
  { x: "float[N,5] x", node: `y = ${MS}.QLinearSigmoid (q, s, z, t, tz)` },
  { x: "float[N,5] x", node: `y = ${MS}.QLinearLeakyRelu <alpha = 0.3> (q, s, z, t, tz)` },
  { x: "float[N,2,4,4] x", node: `y = ${MS}.QLinearGlobalAveragePool (q, s, z, t, tz)` },
  {
    x: "float[N,2,4,4] x",
    node: `y = ${MS}.QLinearAveragePool <kernel_shape = [2,2], strides = [2,2]> (q, s, z, t, tz)`,
  },
  { x: "float[N,5] x", node: `y = ${MS}.QLinearConcat <axis = 1> (t, tz, q, s, z, q, s, z)` },
  { x: "float[N,5] x", node: `y = ${MS}.QLinearSoftmax <axis = -1, opset = 13> (q, s, z, t, tz)` },
  {
    x: "float[N,2] x",
    constants:
      "uint8[3,2] w = {10,20,30,40,50,60}, float ws = {0.05}, uint8 wz = {12}, int32[3] c = {50, -100, 200}",
    node: `y = ${MS}.QGemm <transB = 1> (q, s, z, w, ws, wz, c, t, tz)`,
  },
  {
    x: "float[N,2] x",
    constants:
      "uint8[2,3] w = {10,20,30,40,50,60}, float ws = {0.05}, uint8 wz = {12}, float[3] c = {1, 2, 3}",
    node: `y = ${MS}.MatMulIntegerToFloat (q, w, s, ws, z, wz, c)`,
  },
  {
    x: "float[N,2] x",
    constants: "uint8[2,3] w = {10,20,30,40,50,60}, float ws = {0.05}, uint8 wz = {12}",
    node: `y = ${MS}.DynamicQuantizeMatMul (x, w, ws, wz)`,
  },
];

it.each(CASES)("$node", async ({ x, constants = "", node }) => {
  const declared = [CONSTANTS, constants].filter(Boolean).join(", ");
  const text = `g (${x}) => (y) <${declared}> {\n q = QuantizeLinear (x, s, z)\n ${node}\n}`;
  const { model, shapes } = canonicalize(graphAt(18, text, `"${MS}" : 1`));
  const expanded = expandOperators(model, shapes, EXPANDABLE_OPERATORS);
  expect(
    opTypes(expanded.model).some((op) => /QLinear|QGemm|MatMulInteger|DynamicQuantizeMatMul/.test(op)),
  ).toBe(false);
  await expectSameOutputs(model, expanded.model, 0.012);
});
