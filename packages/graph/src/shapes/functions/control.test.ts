import { expect, it } from "vitest";
import { parseGraphText } from "../../parse-text.ts";
import { inferShapes } from "../shapes.ts";
import { agreesWithRuntime } from "../test-support/agrees-with-runtime.ts";

const conditional = (otherwise: string) => `
  y = If <
    then_branch = yes () => (r) { r = Flatten (x) },
    else_branch = no () => (r) { ${otherwise} }
  > (condition)`;

it.each([
  `g (float[2,3,4] x) => () <bool condition = {1}> { ${conditional("r = Identity (x)")} }`,
  `g (float[2,3,4] x) => () <bool condition = {0}> { ${conditional("r = Identity (x)")} }`,
  `g (float[2,3,4] x) => () <int64 rank = {3}> { s = Shape (x) n = Size (s) condition = Equal (n, rank) ${conditional("r = Relu (x)")} }`,
  `g (float[2,3] x, bool condition) => () { ${conditional("r = Relu (x)")} }`,
  "g (float[2] h, float[5,2] x) => () { last, all = Scan <num_scan_inputs = 1, body = step (float[2] s, float[2] e) => (float[2] t, float[4] o) { t = Add (s, e)  o = Concat <axis = 0> (t, e) }> (h, x) }",
  "g (float[2] h, float[2,5,3] x) => () { last, all = Scan <num_scan_inputs = 1, scan_input_axes = [1], scan_output_axes = [-1], body = step (float[2] s, float[2,3] e) => (float[2] t, float[2,3] o) { m = ReduceMax <keepdims = 0> (e)  t = Add (s, m)  o = Neg (e) }> (h, x) }",
])("%s", agreesWithRuntime);

it("does not know an If whose branches differ while its condition is unknown", () => {
  const model = parseGraphText(`g (float[2,3,4] x, bool condition) => () { ${conditional("r = Relu (x)")} }`);
  expect(inferShapes(model).probes[0]?.has("y")).toBe(false);
});
