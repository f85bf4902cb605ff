import { expect, it } from "vitest";
import { parseGraphText } from "../parse-text.ts";
import { printGraph } from "../print.ts";
import { addPrefix, freshName, renameValue, valueNames } from "./rename.ts";
import { expectClose, graphAt, randomFeeds, run } from "./test-support/compare.ts";

const BRANCHES = `g (float[2] x, bool c) => (y) <float[2] w = {1, 2}> {
  [first] a = Add (x, w)
  y = If <then_branch = t () => (p) { p = Mul (a, w) }, else_branch = e () => (q) { q = Neg (a) }> (c)
}`;

it("renames a value everywhere, in sub-graphs too, and nothing else", () => {
  const { model, name } = renameValue(parseGraphText(BRANCHES), "a", "sum");
  expect(name).toBe("sum");
  expect(printGraph(model)).toBe(printGraph(parseGraphText(BRANCHES.replaceAll(/\ba\b/g, "sum"))));
});

it("numbers a wish that is taken, even by a sub-graph's value", () => {
  expect(renameValue(parseGraphText(BRANCHES), "a", "p").name).toBe("p_2");
  expect(freshName(new Set(["a", "a_2"]), "a")).toBe("a_3");
});

it("returns the same model when there is nothing to rename", () => {
  const model = parseGraphText(BRANCHES);
  expect(renameValue(model, "a", "a").model).toBe(model);
  expect(renameValue(model, "nobody", "b")).toEqual({ model, name: "nobody" });
  expect(addPrefix(model, "")).toBe(model);
});

it("puts a prefix before every name but the kept ones", () => {
  const joined = addPrefix(parseGraphText(BRANCHES), "left/", { keep: new Set(["x"]) });
  expect([...valueNames(joined.graph)].sort()).toEqual([
    "left/a",
    "left/c",
    "left/p",
    "left/q",
    "left/w",
    "left/y",
    "x",
  ]);
  expect(joined.graph.nodes[0]?.name).toBe("left/first");
});

it("keeps the numbers of a renamed model", async () => {
  const model = graphAt(18, "g (float[N] x) => (y) {\n a = Exp (x)\n y = Neg (a)\n}");
  const { model: renamed } = renameValue(model, "y", "result");
  const feeds = randomFeeds(model, 3);
  expectClose((await run(renamed, feeds)).get("result"), (await run(model, feeds)).get("y")!, 0);
});
