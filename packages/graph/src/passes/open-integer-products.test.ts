// Oracle: ONNX Runtime's outputs before and after, and the list of operators that are left. Real products are summed in another
// order than integers, hence the tolerance of some roundings.
import { expect, it } from "vitest";
import { inferShapes } from "../shapes/shapes.ts";
import { openIntegerProducts } from "./open-integer-products.ts";
import { expectSameOutputs, graphAt, opTypes } from "./test-support/compare.ts";

const ROUNDINGS = 1e-5;

/** What quantize_dynamic puts in the place of one layer that reads x and w. */
const layer = (product: string, { x = "x", scales = "Mul (xs, ws)", sum = "Mul (c, s)" } = {}): string =>
  `xq, xs, xz = DynamicQuantizeLinear (${x}) s = ${scales} i = ${product} c = Cast <to = 1> (i) y = ${sum}`;

const CONV = "ConvInteger <strides = [2, 2], pads = [1, 0, 1, 0]>";
const KERNELS = `int8[2,1,2,2] w = {${[1, -2, 3, -4, 50, 60, -70, 127]}}, float ws = {0.02}, int8 wz = {0}`;
const BYTES = "uint8[3,2] w = {1, 20, 255, 4, 5, 60}, float[1] ws = {0.05}, uint8 wz = {128}";
const COLUMNS = "int8[3,2] w = {1, -20, 127, 4, 5, -60}, float[2] ws = {0.05, 0.2}, int8[2] wz = {0, 3}";
const PRODUCT = "MatMulInteger (xq, w, xz, wz)";

const graph = (x: string, constants: string, body: string) =>
  graphAt(18, `g (${x}) => (y) <${constants}> {\n ${body}\n}`);

it.each([
  ["a convolution", "float[N,1,5,4] x", KERNELS, layer(`${CONV} (xq, w, xz, wz)`), "Conv"],
  [
    "one without a zero point of its weights, scales the other way round",
    "float[N,1,5,4] x",
    KERNELS,
    layer(`${CONV} (xq, w, xz)`, { scales: "Mul (ws, xs)", sum: "Mul (s, c)" }),
    "Conv",
  ],
  ["a product", "float[N,4,3] x", BYTES, layer(PRODUCT), "MatMul"],
  ["a product with a scale a column", "float[N,4,3] x", COLUMNS, layer(PRODUCT), "MatMul"],
  [
    "a product of two quantized values",
    "float[N,4,3] x",
    "int64 none = {0}",
    `t = Transpose <perm = [0, 2, 1]> (x) w, ws, wz = DynamicQuantizeLinear (t) ${layer(PRODUCT, { scales: "Mul (ws, xs)" })}`,
    "MatMul",
  ],
])("opens %s", async (_, x, constants, body, operator) => {
  const model = graph(x, constants, body);
  const shapes = inferShapes(model);
  const opened = openIntegerProducts(model, shapes);
  expect(opTypes(opened).slice(-3)).toEqual(["DequantizeLinear", "DequantizeLinear", operator]);
  await expectSameOutputs(model, opened, ROUNDINGS);
  for (const node of opened.graph.nodes)
    for (const name of node.outputs)
      expect(shapes.probes[0]?.get(name)).toEqual(inferShapes(opened).probes[0]?.get(name));
});

it("keeps sums that something else reads", async () => {
  const model = graphAt(18, `g (float[N,4,3] x) => (y, i) <${BYTES}> {\n ${layer(PRODUCT)}\n}`);
  const opened = openIntegerProducts(model, inferShapes(model));
  expect(opTypes(opened)).toContain("MatMulInteger");
  expect(opTypes(opened)).toContain("MatMul");
  await expectSameOutputs(model, opened, ROUNDINGS);
});

it.each([
  ["scales of neither operand", BYTES, layer(PRODUCT, { scales: "Mul (ws, ws)" })],
  ["a scale a row", `${BYTES}, float[4,1] rows = {1, 2, 3, 4}`, layer(PRODUCT, { scales: "Mul (xs, rows)" })],
  [
    "a scale of more axes than one, which makes axes of the result",
    "uint8[3,2] w = {1, 20, 255, 4, 5, 60}, float[1,1,1,1] ws = {0.05}, uint8 wz = {128}",
    layer(PRODUCT),
  ],
  [
    "a zero point a column and one scale",
    `${COLUMNS}, float one = {0.1}`,
    layer(PRODUCT, { scales: "Mul (xs, one)" }),
  ],
  [
    "integers of a given scale",
    `${BYTES}, float xs = {0.1}, uint8 xz = {3}`,
    `xq = QuantizeLinear (x, xs, xz) s = Mul (xs, ws) i = ${PRODUCT} c = Cast <to = 1> (i) y = Mul (c, s)`,
  ],
])("leaves %s alone", (_, constants, body) => {
  const model = graph("float[N,4,3] x", constants, body);
  expect(openIntegerProducts(model, inferShapes(model))).toBe(model);
});
