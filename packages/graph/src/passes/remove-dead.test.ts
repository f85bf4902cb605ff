import { expect, it } from "vitest";
import { attr } from "../model.ts";
import { parseGraphText } from "../parse-text.ts";
import { removeDead } from "./remove-dead.ts";
import { opTypes } from "./test-support/compare.ts";

it("removes nodes, constants and declared types that no output needs", () => {
  const model =
    parseGraphText(`g (float[2] x) => (y) <float[2] w = {1, 2}, float[2] v = {1, 2}, float[2] a, float[2] b> {
    a = Add (x, w)
    b = Mul (a, v)
    c = Neg (b)
    y = Relu (a)
  }`);
  const { graph } = removeDead(model);
  expect(graph.nodes.map((n) => n.opType)).toEqual(["Add", "Relu"]);
  expect([...graph.initializers.keys()]).toEqual(["w"]);
  expect(graph.valueInfo.map((v) => v.name)).toEqual(["a"]);
  expect(opTypes(model)).toHaveLength(4);
});

it("keeps what only a sub-graph reads, and prunes inside it", () => {
  const model = parseGraphText(`g (float[2] x, bool c) => (y) <float[2] w = {1, 2}> {
    a = Add (x, w)
    d = Neg (x)
    y = If <then_branch = t () => (float[2] p) { dead = Exp (d) p = Abs (a) }, else_branch = e () => (float[2] q) { q = Abs (x) }> (c)
  }`);
  const pruned = removeDead(model);
  expect(opTypes(pruned)).toEqual(["Add", "If"]);
  expect(attr.graph(pruned.graph.nodes[1]!, "then_branch").nodes.map((n) => n.opType)).toEqual(["Abs"]);
});

it("keeps what a sub-graph passes on directly", () => {
  const model = parseGraphText(`g (float[2] x, bool c) => (y) {
    a = Exp (x)
    y = If <then_branch = t () => (float[2] a) { }, else_branch = e () => (float[2] q) { q = Abs (x) }> (c)
  }`);
  expect(removeDead(model)).toBe(model);
});

it("keeps inputs that nobody reads and a node with one live output of several", () => {
  const model = parseGraphText("g (float[4] x, float[2] unused) => (b) { a, b = Split <axis = 0> (x) }");
  expect(removeDead(model)).toBe(model);
});
