// Oracle: lists written by hand, in the forms that one line of Python gives.
import { describe, expect, it } from "vitest";
import { parseParameterList } from "./training-parameters.ts";

describe("a list", () => {
  const expected = {
    parameters: [
      { name: "b.weight", shape: [4] },
      { name: "a.weight", shape: [2, 3] },
    ],
    isOrdered: true,
  };
  it.each([
    ["an object", '{"b.weight": [4], "a.weight": [2, 3]}'],
    ["pairs", '[["b.weight", [4]], ["a.weight", [2, 3]]]'],
    ["records", '[{"name": "b.weight", "shape": [4]}, {"name": "a.weight", "shape": [2, 3]}]'],
  ])("may be %s, and keeps its order", (_, text) => {
    expect(parseParameterList(text)).toEqual(expected);
  });

  it.each(["nonsense", "{}", "[]", '{"a": "b"}', '[["a.weight"]]', "3"])("refuses %s", (text) => {
    expect(() => parseParameterList(text, "--parameters")).toThrow("no list of parameters");
  });
});
