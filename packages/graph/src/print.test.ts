// Oracle: onnx/docs/Syntax.md; the same texts were read by onnx.parser 1.23 and compared.
import { expect, it } from "vitest";
import type { Graph } from "./model.ts";
import { parseGraphText } from "./parse-text.ts";
import { printGraph, printNode, printValueInfo } from "./print.ts";
import { makeTensor } from "./tensor.ts";

it("prints a graph to be read", () => {
  const { graph } = parseGraphText(`agraph (float[N,3,8,8] x) => (float[N,4] y)
    <float[4,3,1,1] w = {1,2,3,4,5,6,7,8,9,10,11,12}, int64[2] axes = {2, 3}> {
    ["/conv/Conv"] "/conv/out" = Conv <strides = [2, 2], alpha = 0.1> (x, w)
    y = ReduceMean <keepdims = 0> ("/conv/out", axes)
  }`);
  expect(printGraph(graph)).toMatchInlineSnapshot(`
    "agraph (float[N,3,8,8] x) => (float[N,4] y)
    <float[4,3,1,1] w = {...}, int64[2] axes = {2, 3}>
    {
       ["/conv/Conv"] "/conv/out" = Conv <strides = [2, 2], alpha = 0.1> (x, w)
       y = ReduceMean <keepdims = 0> ("/conv/out", axes)
    }"
  `);
});

it("prints values in full when asked to, and external ones never", () => {
  const values = Array.from({ length: 12 }, (_, i) => i / 10);
  const external = { ...makeTensor("float32", [1], [1]), data: { location: "w.bin", offset: 0, length: 4 } };
  const graph: Graph = {
    ...parseGraphText("g () => (w) {}").graph,
    initializers: new Map([
      ["w", makeTensor("float32", [12], values)],
      ["e", external],
    ]),
  };
  expect(printGraph(graph, { maxValues: 12 })).toContain("float[12] w = {0, 0.1, 0.2, 0.3, 0.4,");
  expect(printGraph(graph, { maxValues: 12 })).toContain("float[1] e = {...}");
  expect(printGraph(graph)).toContain("float[12] w = {...}");
});

it("prints floats with the fewest digits that read back", () => {
  const values = [
    0.1,
    1 / 3,
    16777216,
    1e-45,
    3.4028234663852886e38,
    -0,
    Number.NaN,
    Number.NEGATIVE_INFINITY,
  ];
  const graph = parseGraphText("g () => (w) {}").graph;
  const initializers = new Map([["w", makeTensor("float32", [8], values)]]);
  const text = printGraph({ ...graph, initializers });
  expect(text).toContain("{0.1, 0.33333334, 16777216, 1e-45, 3.4028235e+38, -0, nan, -inf}");
  const back = parseGraphText(text).graph.initializers.get("w");
  expect(back?.data).toEqual(initializers.get("w")?.data);
});

it("prints single nodes and values", () => {
  const { graph } = parseGraphText(
    `g (float[N,"a b",?] x, double s, int64[] r, z) => (y) { y = my.domain.Op <k = 1> (x, , z) }`,
  );
  expect(printNode(graph.nodes[0]!)).toBe(`y = "my".domain.Op <k = 1> (x, "", z)`.replaceAll(`"my"`, "my"));
  expect(graph.inputs.map(printValueInfo)).toEqual([`float[N,"a b",?] x`, "double s", "int64[] r", "z"]);
});

it("keeps what no text can hold visible", () => {
  const graph = parseGraphText("g () => (w) {}").graph;
  const complex = { dataType: "complex64", dims: [1], data: new Uint8Array(8) } as const;
  expect(printGraph({ ...graph, initializers: new Map([["w", complex]]) })).toContain(
    "complex64[1] w = {...}",
  );
  const node = parseGraphText("g (x) => (y) { y = Op (x) }").graph.nodes[0]!;
  expect(printNode({ ...node, attributes: { tp: { type: "opaque", value: {} } } })).toBe(
    "y = Op <tp = ...> (x)",
  );
});
