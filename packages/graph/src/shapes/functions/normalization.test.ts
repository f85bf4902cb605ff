import { it } from "vitest";
import { agreesWithRuntime } from "../test-support/agrees-with-runtime.ts";

const opset = (version: number) => `<ir_version: 10, opset_import: ["": ${version}]>`;
const C3 = "float[3] s = {1, 1, 1}, float[3] b = {0, 0, 0}, float[3] m = {0, 0, 0}, float[3] v = {1, 1, 1}";

it.each([
  `g (float[2,3,4,5] x) => (y) <${C3}> { y = BatchNormalization (x, s, b, m, v) }`,
  `g (float[2,3,4,5] x) => (y, rm, rv) <${C3}> { y, rm, rv = BatchNormalization <training_mode = 1> (x, s, b, m, v) }`,
  `g (float[2,3,4,5] x) => (y) <${C3}> { y = InstanceNormalization (x, s, b) }`,
  `g (float[2,4,3] x) => (y) <${C3}> { y = LayerNormalization (x, s, b) }`,
  `g (float[2,4,3] x) => (y) <${C3}> { y, mean, deviation = LayerNormalization (x, s) }`,
  "g (float[2,4,3] x, float[4,3] s) => (y, m, d) { y, m, d = LayerNormalization <axis = 1> (x, s) }",
  `${opset(21)} g (float[2,4,5,5] x, float[4] s, float[4] b) => (y) { y = GroupNormalization <num_groups = 2> (x, s, b) }`,
  `${opset(23)} g (float[2,4,3] x) => (y) <${C3}> { y = RMSNormalization (x, s) }`,
  "g (float[2,4,5,5] x) => (y) { y = LRN <size = 3> (x) }",
  "g (float[2,4,5,5] x) => (y) { y = LpNormalization (x) }",
  "g (float[2,4,5,5] x) => (y) { y = MeanVarianceNormalization (x) }",
  "g (float[2,4] x) => (y, mask) { y, mask = Dropout (x) }",
])("%s", agreesWithRuntime);
