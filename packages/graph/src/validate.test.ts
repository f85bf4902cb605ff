// Oracle: what ONNX Runtime 1.30 accepts and refuses, tried on each of these models; small enough to be seen by eye.
import { describe, expect, it } from "vitest";
import type { Model } from "./model.ts";
import { parseGraphText } from "./parse-text.ts";
import { validateModel } from "./validate.ts";

const thrown = (code: string) => expect.objectContaining({ code, userFault: true });
const order = (model: Model) => model.graph.nodes.map((n) => n.outputs.join()).join(" ");

describe("versions", () => {
  const withHeader = (header: string) =>
    parseGraphText(`<${header}> g (float x) => (float y) { y = Neg (x) }`);

  it.each([
    [`ir_version: 13, opset_import: ["" : 26]`, undefined],
    [`ir_version: 3, opset_import: ["" : 7, "com.microsoft" : 1]`, undefined],
    [`ir_version: 0, opset_import: ["" : 20]`, "no-ir-version"],
    [`ir_version: 14, opset_import: ["" : 20]`, "ir-too-new"],
    [`ir_version: 10, opset_import: ["" : 27]`, "opset-too-new"],
    [`ir_version: 10, opset_import: ["" : 0]`, "no-opset"],
    [`ir_version: 10, opset_import: []`, "no-opset"],
    [`ir_version: 10, opset_import: ["com.microsoft" : 1]`, "no-opset"],
  ])("%s: %s", (header, code) => {
    const validate = () => validateModel(withHeader(header));
    if (code === undefined) expect(validate().opsets.size).toBeGreaterThan(0);
    else expect(validate).toThrow(thrown(code));
  });

  it("says which opset is the newest and how to get there", () => {
    const newer = withHeader(`opset_import: ["" : 99]`);
    expect(() => validateModel(newer)).toThrow(
      "operator set 99; the newest supported is 26. Export the model with opset_version=26 or older.",
    );
  });
});

describe("nodes out of order", () => {
  it("are put in order, others stay where they are", () => {
    const model = parseGraphText(`g (float x) => (float y, float q) {
      a = Neg (x)  y = Add (c, a)  q = Relu (a)  c = Abs (b)  b = Exp (x)
    }`);
    const valid = validateModel(model);
    expect(order(valid)).toBe("a b c y q");
    expect(order(model)).toBe("a y q c b");
  });

  it("are found by what sub-graphs capture", () => {
    const model = parseGraphText(`g (float x, bool c) => (float y) {
      y = If <then_branch = t () => (float r) { r = Neg (a) }, else_branch = e () => (x) {}> (c)
      a = Relu (x)
    }`);
    expect(order(validateModel(model))).toBe("a y");
  });

  it("in order leave the model the same object", () => {
    const model = parseGraphText("g (float x) => (float y) { a = Neg (x) y = Relu (a) }");
    expect(validateModel(model)).toBe(model);
  });
});

describe("refuses", () => {
  it.each([
    [
      "a value without origin",
      "g (float x) => (float y) { y = Add (x, q) }",
      "undefined-value",
      `Add -> "y": value "q"`,
    ],
    [
      "an output without origin",
      "g (float x) => (float z) { y = Neg (x) }",
      "undefined-value",
      `graph "g": value "z"`,
    ],
    ["a cycle", "g (float x) => (float y) { [a] y = Add (x, z) z = Relu (y) }", "cycle", "depend on its own"],
    ["a node that reads itself", "g (float x) => (float y) { y = Add (x, y) }", "cycle", `Add -> "y"`],
    ["a value computed twice", "g (x) => (y) { y = Neg (x) y = Relu (x) }", "duplicate-name", `value "y"`],
    ["a computed input", "g (x) => (y) { x = Neg (x) y = Relu (x) }", "duplicate-name", `value "x"`],
    [
      "a computed weight",
      "g (x) => (y) <float w = {1}> { w = Neg (x) y = Relu (w) }",
      "duplicate-name",
      `value "w"`,
    ],
    ["two inputs of one name", "g (x, x) => (y) { y = Neg (x) }", "duplicate-name", `value "x"`],
    [
      "two nodes of one name",
      "g (x) => (y) { [n] a = Neg (x) [n] y = Neg (a) }",
      "duplicate-name",
      `Neg "n"`,
    ],
    [
      "disorder within a sub-graph",
      `g (x, c) => (y) { y = If <then_branch = t () => (r) { r = Neg (q) q = Neg (x) }, else_branch = e () => (x) {}> (c) }`,
      "unsorted-nodes",
      `graph "t"`,
    ],
    [
      "a function that reads what it lacks",
      `g (x) => (y) { y = local.f (x) } <domain: "local", opset_import: ["" : 20]> f (a) => (b) { b = Neg (c) }`,
      "undefined-value",
      `value "c"`,
    ],
    [
      "disorder within a function",
      `g (x) => (y) { y = local.f (x) } <domain: "local", opset_import: ["" : 20]> f (a) => (b) { b = Neg (c) c = Neg (a) }`,
      "unsorted-nodes",
      `function "local::f"`,
    ],
    [
      "a function defined twice",
      `g (x) => (x) {} <domain: "l", opset_import: ["" : 20]> f (a) => (a) {} <domain: "l", opset_import: ["" : 20]> f (a) => (a) {}`,
      "duplicate-name",
      `function "l::f"`,
    ],
  ])("%s", (_, text, code, message) => {
    const model = parseGraphText(text);
    expect(() => validateModel(model)).toThrow(thrown(code));
    expect(() => validateModel(model)).toThrow(message);
  });

  it("a node without an operator", () => {
    const model = parseGraphText("g (x) => (y) { y = Neg (x) }");
    const nodes = model.graph.nodes.map((n) => ({ ...n, opType: "" }));
    expect(() => validateModel({ ...model, graph: { ...model.graph, nodes } })).toThrow(thrown("bad-node"));
  });
});

it("sorts long chains given backwards without running out of stack", () => {
  const model = parseGraphText("g (x) => (y) { y = Neg (x) }");
  const node = model.graph.nodes[0]!;
  const count = 12_000;
  const name = (i: number) => (i === 0 ? "x" : `v${i}`);
  const nodes = Array.from({ length: count }, (_, i) => {
    const at = count - i;
    return { ...node, inputs: [name(at - 1)], outputs: [name(at)] };
  });
  const outputs = [{ name: name(count), dataType: undefined, dims: undefined }];
  const sorted = validateModel({ ...model, graph: { ...model.graph, nodes, outputs } }).graph.nodes;
  expect(sorted).toHaveLength(count);
  expect(sorted.every((n, i) => n.outputs[0] === name(i + 1))).toBe(true);
});
