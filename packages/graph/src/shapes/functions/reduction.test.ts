import { it } from "vitest";
import { agreesWithRuntime } from "../test-support/agrees-with-runtime.ts";

const opset = (version: number) => `<ir_version: 6, opset_import: ["": ${version}]>`;

it.each([
  "g (float[2,3,4] x) => (y) { y = ReduceMean (x) }",
  "g (float[2,3,4] x) => (y) { y = ReduceMax <keepdims = 0> (x) }",
  "g (float[2,3,4] x) => (y) <int64[2] a = {-1, 0}> { y = ReduceSum (x, a) }",
  "g (float[2,3,4] x) => (y) <int64[1] a = {1}> { y = ReduceL2 <keepdims = 0> (x, a) }",
  "g (float[2,3,4] x) => (y) <int64[0] a = {}> { y = ReduceSum <noop_with_empty_axes = 1> (x, a) }",
  "g (float[2,3,4] x) => (y) { y = ReduceSum <noop_with_empty_axes = 1> (x) }",
  "g (float[2,3,4] x) => (y) <int64[0] a = {}> { y = ReduceLogSumExp (x, a) }",
  "g (float x) => (y) { y = ReduceSum (x) }",
  `${opset(13)} g (float[2,3,4] x) => (y) { y = ReduceMean <axes = [1, 2]> (x) }`,
  "g (float[2,3,4] x) => (y) { y = ArgMax (x) }",
  "g (float[2,3,4] x) => (y) { y = ArgMin <axis = -1, keepdims = 0> (x) }",
  "g (float[2,3,4] x) => (v, i) <int64[1] k = {2}> { v, i = TopK <axis = 1> (x, k) }",
])("%s", agreesWithRuntime);
