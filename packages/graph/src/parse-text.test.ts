import { expect, it } from "vitest";
import { attr } from "./model.ts";
import { parseGraphText } from "./parse-text.ts";
import { printGraph } from "./print.ts";
import { tensorNumbers } from "./tensor.ts";

const EVERYTHING = `<ir_version: 9, opset_import: ["" : 18, "com.microsoft" : 1], producer_name: "by hand", metadata_props: ["k" : "v"]>
agraph (float[N,3] x, float s, float[] anyRank, float["a b",?,2] q) => (float[N] y, z)
<float[2,3] w = {1, 2.5, 3, -4, 0.005, 6}, int64[0] none = {}, double scalar = {3}, float16[2] h = {1, 2.5}, bool[2] b = {0, 1}, string[2] st = {"a", "b\\"c"}, int64[1] big = {9007199254740993}, float[3] odd = {inf, -inf, nan}, float[N] mid>
{
   [lab] y, "a.b" = com.microsoft.Foo <axis = 1, alpha = 0.5, one = 1.0, text = "str", ints_ = [1, 2], floats_ = [1.0, 2.0], strings_ = ["a", "b"], empty: ints = [], t = float[2] {1, 2}, t2 = int64 {7}> (x, "", w)
   z = If <then_branch = yes () => (float[N] r)
      {
         r = Relu (y)
      }> (b)
}
<domain: "local", opset_import: ["" : 18]>
f <k, beta = 1.0> (x) => (y)
{
   y = LeakyRelu <alpha: float = @beta> (x)
}`;

it("prints what it read", () => {
  const printed = printGraph(parseGraphText(EVERYTHING));
  const unwrapped = (text: string) => text.replaceAll(/,\n\s+/g, ", ");
  expect(unwrapped(printed)).toBe(EVERYTHING);
});

it("reads a bare graph with comments, absent inputs and attributes after the inputs", () => {
  const model = parseGraphText(`g (float[2] x) => (float[2] y) {
    # the third input of Clip is absent
    y = Clip (x, , max) <note = "n">
  }`);
  expect(model.opsets.get("")).toBe(20);
  expect(model.graph.nodes[0]?.inputs).toEqual(["x", "", "max"]);
  expect(attr.string(model.graph.nodes[0]!, "note")).toBe("n");
});

it("reads float16 literals as numbers", () => {
  const { graph } = parseGraphText("g () => (float16[2] y) <float16[2] y = {0.5, -2}> {}");
  expect(tensorNumbers(graph.initializers.get("y")!)).toEqual([0.5, -2]);
});

it.each([
  ["g (float[2] x => (y) {}", /line 1, column 15: expected ",", got "=> \(y\) {}"/],
  ["g (float[2] x) => (y)\n{ y = Relu x }", /line 2, column 12: expected "\("/],
  ["g () => (y) <float[3] y = {1, 2}> {}", /2 values for float32\[3\]; write 3/],
  ["g () => (y) <float[3] y = {...}> {}", /expected a number, got "...}> {}"/],
  ["g (x) => (y) { y = Foo <a = []> (x) }", /a type for the empty list/],
  ["g (x) => (y) {", /got the end/],
  ["<opset: 3> g (x) => (y) {}", /one of ir_version/],
])("refuses %s with line and column", (text, message) => {
  expect(() => parseGraphText(text)).toThrow(message);
  expect(() => parseGraphText(text)).toThrow(expect.objectContaining({ code: "bad-graph-text" }));
});
