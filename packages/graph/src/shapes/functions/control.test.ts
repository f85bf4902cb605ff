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
])("%s", agreesWithRuntime);

it("does not know an If whose branches differ while its condition is unknown", () => {
  const model = parseGraphText(`g (float[2,3,4] x, bool condition) => () { ${conditional("r = Relu (x)")} }`);
  expect(inferShapes(model).probes[0]?.has("y")).toBe(false);
});
