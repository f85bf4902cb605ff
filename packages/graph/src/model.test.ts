// Oracle: small graphs whose answers are read off by eye.
import { describe, expect, it } from "vitest";
import {
  attr,
  capturedBy,
  describeNode,
  makeNode,
  opsetOf,
  subgraphsOf,
  toAttribute,
  valuesReadBy,
} from "./model.ts";
import { parseGraphText } from "./parse-text.ts";

const nodeOf = (text: string) => parseGraphText(`g (x) => (y) { ${text} }`).graph.nodes[0]!;
const thrown = (code: string) => expect.objectContaining({ code });

describe("attributes", () => {
  const node = nodeOf(
    `[n] y = Op <i = 3, f = 0.5, s = "t", is = [1, -2], fs = [0.5], big = 9223372036854775807> (x)`,
  );

  it("are read by type, with defaults", () => {
    expect(attr.int(node, "i")).toBe(3);
    expect(attr.int(node, "none", -1)).toBe(-1);
    expect(attr.int(node, "big")).toBe(Number.MAX_SAFE_INTEGER);
    expect(attr.float(node, "f", 2)).toBe(0.5);
    expect(attr.string(node, "none", "d")).toBe("d");
    expect(attr.ints(node, "is")).toEqual([1, -2]);
    expect(attr.ints(node, "none")).toBeUndefined();
    expect(attr.floats(node, "fs")).toEqual([0.5]);
    expect(attr.has(node, "s")).toBe(true);
  });

  it("that are missing or of another type name node and attribute", () => {
    expect(() => attr.int(node, "none")).toThrow(thrown("missing-attribute"));
    expect(() => attr.int(node, "none")).toThrow(`Op "n": attribute "none" is missing.`);
    expect(() => attr.int(node, "f")).toThrow(thrown("wrong-attribute"));
    expect(() => attr.float(node, "i", 1)).toThrow(`attribute "i" is int, expected float.`);
  });

  it("are made from literals", () => {
    expect(toAttribute(3)).toEqual({ type: "int", value: 3n });
    expect(toAttribute({ float: 3 })).toEqual({ type: "float", value: 3 });
    expect(toAttribute([1, 2])).toEqual({ type: "ints", value: [1n, 2n] });
    expect(toAttribute({ floats: [1] })).toEqual({ type: "floats", value: [1] });
    expect(toAttribute("s")).toEqual({ type: "string", value: "s" });
    expect(() => toAttribute(0.5)).toThrow(thrown("internal"));
    expect(makeNode("Op", [], ["y"], { attributes: { a: undefined, b: 1 } }).attributes).toEqual({
      b: { type: "int", value: 1n },
    });
  });
});

describe("nodes", () => {
  it("are described by name, or by what they compute", () => {
    expect(describeNode(nodeOf("[conv1] y = Conv (x)"))).toBe(`Conv "conv1"`);
    expect(describeNode(nodeOf("y = com.microsoft.Gelu (x)"))).toBe(`com.microsoft::Gelu -> "y"`);
  });

  it("read what their sub-graphs capture, at any depth", () => {
    const node = nodeOf(`y = If <then_branch = t () => (r) {
        r = If <then_branch = u () => (s) { s = Add (outer, q) }, else_branch = v (own) => (own) { }> (r0)
        q = Neg (r)
      }, else_branch = e () => (x) {}> (c, , x)`);
    expect(subgraphsOf(node).map((g) => g.name)).toEqual(["t", "e"]);
    expect(valuesReadBy(node)).toEqual(["c", "x", "r0", "outer", "q", "x"]);
    expect(capturedBy(subgraphsOf(node)[1]!)).toEqual(["x"]);
  });
});

it("takes a model without a standard operator set as version 1", () => {
  const { opsets, ...rest } = parseGraphText("g (x) => (x) {}");
  expect(opsetOf({ ...rest, opsets: new Map() })).toBe(1);
  expect(opsetOf({ ...rest, opsets })).toBe(20);
});
