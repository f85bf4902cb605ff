import { it } from "vitest";
import { agreesWithRuntime } from "../test-support/agrees-with-runtime.ts";

const V21 = '<ir_version: 10, opset_import: ["": 21, "com.microsoft": 1]>';

it.each([
  "g (float[2,3] x) => (y) <float s = {0.5}, int8 z = {3}> { y = QuantizeLinear (x, s, z) }",
  "g (float[2,3] x) => (y) <float s = {0.5}> { y = QuantizeLinear (x, s) }",
  `${V21} g (float[2,3] x) => (y) <float s = {0.5}> { y = QuantizeLinear <output_dtype = 3> (x, s) }`,
  "g (uint8[2,3] x) => (y) <float s = {0.5}, uint8 z = {3}> { y = DequantizeLinear (x, s, z) }",
  "g (float[2,3] x) => (y, s, z) { y, s, z = DynamicQuantizeLinear (x) }",
  `${V21} g (float[2,3] x) => (y) <float s = {0.5}, uint16 z = {3}> { y = com.microsoft.QuantizeLinear (x, s, z) }`,
  `${V21} g (uint8[2,3] x) => (y) <float s = {0.5}, uint8 z = {3}> { y = com.microsoft.DequantizeLinear (x, s, z) }`,
])("%s", agreesWithRuntime);
