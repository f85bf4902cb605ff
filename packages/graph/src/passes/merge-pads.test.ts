// Oracle: ONNX Runtime's outputs before and after, and the list of operators that are left.
import { expect, it } from "vitest";
import { attr } from "../model.ts";
import { inferShapes } from "../shapes/shapes.ts";
import { mergePads } from "./merge-pads.ts";
import { expectSameOutputs, graphAt, opTypes } from "./test-support/compare.ts";

const CONSTANTS = `float[2,2,2,3] w = {${Array.from({ length: 24 }, (_, i) => Math.sin(i + 1).toFixed(3))}},
  int64[8] pads = {0, 0, 1, 0, 0, 0, 2, 1}, int64[4] few = {1, 0, 2, 1}, int64[2] axes = {2, -1},
  int64[8] cut = {0, 0, -1, 0, 0, 0, 0, 0}, int64[8] channels = {0, 1, 0, 0, 0, 0, 0, 0}, float zero = {0}, float one = {1}`;
const graph = (body: string, x = "float[N,2,5,6] x") =>
  graphAt(18, `g (${x}) => (y) <${CONSTANTS}> {\n ${body}\n}`);

it.each([
  ["all axes", "p = Pad (x, pads)\n y = Conv (p, w)"],
  ["named axes and a value", "p = Pad (x, few, zero, axes)\n y = Conv <strides = [2, 1]> (p, w)"],
  ["beside own pads", "p = Pad (x, pads)\n y = Conv <pads = [1, 2, 0, 1]> (p, w)"],
  ["before VALID", 'p = Pad (x, pads)\n y = Conv <auto_pad = "VALID"> (p, w)'],
])("merges %s", async (_, body) => {
  const model = graph(body);
  const merged = mergePads(model, inferShapes(model));
  expect(opTypes(merged)).toEqual(["Conv"]);
  await expectSameOutputs(model, merged);
});

it("keeps a Pad that others read", async () => {
  const model = graph(
    "p = Pad (x, pads)\n c = Conv (p, w)\n m = MaxPool <kernel_shape = [2, 3]> (p)\n y = Add (c, m)",
  );
  const merged = mergePads(model, inferShapes(model));
  expect(opTypes(merged)).toEqual(["Pad", "Conv", "MaxPool", "Add"]);
  expect(attr.ints(merged.graph.nodes[1]!, "pads")).toEqual([1, 0, 2, 1]);
  await expectSameOutputs(model, merged);
});

it.each([
  ["other values", "p = Pad (x, pads, one)\n y = Conv (p, w)"],
  ["reflections", 'p = Pad <mode = "reflect"> (x, pads)\n y = Conv (p, w)'],
  ["cuts", "p = Pad (x, cut)\n y = Conv (p, w)"],
  ["channels", "p = Pad (x, channels)\n y = Conv (p, w)"],
  ["what SAME would see", 'p = Pad (x, pads)\n y = Conv <auto_pad = "SAME_UPPER"> (p, w)'],
])("leaves %s alone", (name, body) => {
  const model = graph(body, name === "channels" ? "float[N,1,5,6] x" : undefined);
  expect(mergePads(model, inferShapes(model))).toBe(model);
});
