import { it } from "vitest";
import { agreesWithRuntime } from "../test-support/agrees-with-runtime.ts";

const MS = '<ir_version: 10, opset_import: ["": 20, "com.microsoft": 1]>';
const C4 = "float[4] s = {1, 1, 1, 1}, float[4] b = {0, 0, 0, 0}";
const QUANT = "float s = {0.5}, uint8 z = {3}";

it.each([
  `${MS} g (float[2,4] x) => (y) { y = com.microsoft.Gelu (x) }`,
  `${MS} g (float[2,4] x) => (y) <${C4}> { y = com.microsoft.BiasGelu (x, b) }`,
  `${MS} g (float[2,4] x) => (y) <${C4}> { y = com.microsoft.FastGelu (x, b) }`,
  `${MS} g (float[2,4] x) => (y) { y = com.microsoft.QuickGelu (x) }`,
  `${MS} g (float[2,3,4] x, float[2,3,4] t) => (y) <${C4}> { y, , , sum = com.microsoft.SkipLayerNormalization (x, t, s, b) }`,
  `${MS} g (float[2,3,4] x, float[2,3,4] t) => (y) <${C4}> { y, , , sum = com.microsoft.SkipSimplifiedLayerNormalization (x, t, s) }`,
  `g (float[2,3,4] x) => (y) <${C4}> { y = SimplifiedLayerNormalization (x, s) }`,
  `${MS} g (float[2,3,8,8] x, float[4,3,3,3] w) => (y) { y = com.microsoft.FusedConv <activation = "Relu", strides = [2, 2]> (x, w) }`,
  `${MS} g (uint8[2,1,4] x, uint8[3,1] t) => (y) <${QUANT}> { y = com.microsoft.QLinearAdd (x, s, z, t, s, z, s, z) }`,
  `${MS} g (uint8[2,4] x) => (y) <${QUANT}> { y = com.microsoft.QLinearSigmoid (x, s, z, s, z) }`,
  `${MS} g (uint8[2,4] x) => (y) <${QUANT}> { y = com.microsoft.QLinearLeakyRelu (x, s, z, s, z) }`,
  `${MS} g (uint8[2,4] x) => (y) <${QUANT}> { y = com.microsoft.QLinearSoftmax <opset = 13, axis = 1> (x, s, z, s, z) }`,
  `${MS} g (uint8[2,4] x, uint8[3,4] t) => (y) <${QUANT}> { y = com.microsoft.QLinearConcat <axis = 0> (s, z, x, s, z, t, s, z) }`,
  `${MS} g (bool[3,1] c, uint8[2,1,4] x, uint8[4] t) => (y) <${QUANT}> { y = com.microsoft.QLinearWhere (c, x, s, z, t, s, z, s, z) }`,
  `${MS} g (uint8[2,3,6,8] x) => (y) <${QUANT}> { y = com.microsoft.QLinearGlobalAveragePool (x, s, z, s, z) }`,
  `${MS} g (uint8[2,6,8,3] x) => (y) <${QUANT}> { y = com.microsoft.QLinearGlobalAveragePool <channels_last = 1> (x, s, z, s, z) }`,
  `${MS} g (uint8[2,3,6,8] x) => (y) <${QUANT}> { y = com.microsoft.QLinearAveragePool <kernel_shape = [2, 2], strides = [2, 2]> (x, s, z, s, z) }`,
  `${MS} g (uint8[2,6,8,3] x) => (y) <${QUANT}> { y = com.microsoft.QLinearAveragePool <kernel_shape = [3, 2], channels_last = 1> (x, s, z, s, z) }`,
  `${MS} g (float[2,3,3] x) => (y) { y = com.microsoft.Inverse (x) }`,
])("%s", agreesWithRuntime);
