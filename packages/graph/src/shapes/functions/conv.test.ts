import fc from "fast-check";
import { expect, it } from "vitest";
import { parseGraphText } from "../../parse-text.ts";
import { inferShapes } from "../shapes.ts";
import { agreesWithRuntime, inferAndRun } from "../test-support/agrees-with-runtime.ts";

const QUANT = "float s = {0.5}, uint8 z = {3}";

it.each([
  "g (float[2,3,9,8] x, float[4,3,3,2] w, float[4] b) => (y) { y = Conv <strides = [2, 1], pads = [1, 0, 2, 3]> (x, w, b) }",
  "g (float[2,4,9] x, float[6,2,3] w) => (y) { y = Conv <group = 2, dilations = [2]> (x, w) }",
  "g (float[1,2,5,6,7] x, float[3,2,2,2,2] w) => (y) { y = Conv (x, w) }",
  'g (float[2,3,9,8] x, float[4,3,3,2] w) => (y) { y = Conv <auto_pad = "SAME_UPPER", strides = [2, 3]> (x, w) }',
  'g (float[2,3,9,8] x, float[4,3,3,2] w) => (y) { y = Conv <auto_pad = "SAME_LOWER", strides = [1, 2]> (x, w) }',
  'g (float[2,3,9,8] x, float[4,3,3,2] w) => (y) { y = Conv <auto_pad = "VALID", strides = [2, 2]> (x, w) }',
  "g (uint8[2,3,9,8] x, uint8[4,3,3,2] w) => (y) { y = ConvInteger (x, w) }",
  `g (uint8[2,3,9,8] x, uint8[4,3,3,2] w) => (y) <${QUANT}> { y = QLinearConv (x, s, z, w, s, z, s, z) }`,
  '<ir_version: 9, opset_import: ["": 19]> g (float[2,3,9,8] x, float[4,3,3,2] w, float[2,12,7,7] o) => (y) { y = DeformConv (x, w, o) }',
  "g (float[2,4,5,6] x, float[4,3,3,2] w) => (y) { y = ConvTranspose <strides = [2, 3], pads = [1, 0, 0, 1], output_padding = [1, 2]> (x, w) }",
  "g (float[2,4,5] x, float[4,3,3] w) => (y) { y = ConvTranspose <group = 2, dilations = [2]> (x, w) }",
  "g (float[2,4,5,6] x, float[4,3,3,3] w) => (y) { y = ConvTranspose <strides = [2, 2], output_shape = [10, 12]> (x, w) }",
  'g (float[2,4,5,6] x, float[4,3,3,3] w) => (y) { y = ConvTranspose <strides = [2, 2], auto_pad = "SAME_UPPER"> (x, w) }',
  'g (float[2,4,5,6] x, float[4,3,3,3] w) => (y) { y = ConvTranspose <strides = [2, 2], auto_pad = "VALID"> (x, w) }',
  "g (float[2,3,9,8] x) => (y) { y, i = MaxPool <kernel_shape = [3, 2], strides = [2, 2], pads = [1, 0, 1, 1]> (x) }",
  "g (float[2,3,6,6] x) => (y) { y = AveragePool <kernel_shape = [2, 2], strides = [3, 3], pads = [0, 0, 1, 1], ceil_mode = 1> (x) }",
  "g (float[2,3,9,8] x) => (y) { y = LpPool <kernel_shape = [3, 3], dilations = [2, 2], ceil_mode = 1, strides = [2, 2]> (x) }",
  "g (float[2,3,9,8] x) => (y) { y = GlobalAveragePool (x) }",
  "g (float[2,3,9] x) => (y) { y = GlobalMaxPool (x) }",
  "g (float[2,3,8,8] x) => (y) { v, i = MaxPool <kernel_shape = [2, 2], strides = [2, 2]> (x) y = MaxUnpool <kernel_shape = [2, 2], strides = [2, 2]> (v, i) }",
  "g (float[2,12,20] x) => (y) <int64[2] image = {5, 6}, int64[2] block = {2, 2}> { y = Col2Im (x, image, block) }",
  "g (float[2,3,8,8] x, float[5,4] rois) => (y) <int64[5] b = {0, 1, 0, 0, 1}> { y = RoiAlign <output_height = 3, output_width = 2> (x, rois, b) }",
  "g (float[2,3,8,8] x, float[5,5] rois) => (y) { y = MaxRoiPool <pooled_shape = [3, 2]> (x, rois) }",
])("%s", agreesWithRuntime);

it("refuses a weight that does not fit the channels", () => {
  const model = parseGraphText("g (float[2,3,9,8] x, float[4,2,3,3] w) => (y) { [stem] y = Conv (x, w) }");
  expect(() => inferShapes(model)).toThrow(/Conv "stem": weight \[4, 2, 3, 3\] in 1 group\(s\) does not fit/);
});

const ints = (low: number, high: number, length: number) =>
  fc.array(fc.integer({ min: low, max: high }), { minLength: length, maxLength: length });

const list = (values: readonly number[]): string => `[${values.join(", ")}]`;

/** Attributes of a random window with one or two axes; pads stay below the kernel, as ONNX Runtime demands. */
const windows = fc.integer({ min: 1, max: 2 }).chain((rank) =>
  fc.record({
    size: ints(6, 11, rank),
    kernel: ints(1, 3, rank),
    strides: ints(1, 4, rank),
    dilations: ints(1, 2, rank),
    pads: ints(0, 2, 2 * rank),
    autoPad: fc.constantFrom("NOTSET", "NOTSET", "NOTSET", "VALID", "SAME_UPPER", "SAME_LOWER"),
    ceilMode: fc.integer({ min: 0, max: 1 }),
    operator: fc.constantFrom("Conv", "MaxPool", "AveragePool", "LpPool", "ConvTranspose"),
  }),
);

it("has the sizes of ONNX Runtime for any kernel, stride, dilation, pad and rounding", async () => {
  const property = fc.asyncProperty(windows, async (w) => {
    const pools = w.operator.endsWith("Pool");
    const pads = w.pads.map((p, i) => Math.min(p, (w.kernel[i % w.kernel.length] as number) - 1));
    // With auto_pad SAME, ONNX Runtime refuses dilations and pooling strides beyond the kernel.
    const same = w.autoPad.startsWith("SAME");
    const strides = w.strides.map((s, i) => (same ? Math.min(s, w.kernel[i] as number) : s));
    const attributes = [
      `strides = ${list(strides)}`,
      ...(same ? [] : [`dilations = ${list(w.dilations)}`]),
      w.autoPad === "NOTSET" ? `pads = ${list(pads)}` : `auto_pad = "${w.autoPad}"`,
      ...(pools ? [`kernel_shape = ${list(w.kernel)}`, `ceil_mode = ${w.ceilMode}`] : []),
    ].join(", ");
    const inputs = `float[1,2,${w.size}] x${pools ? "" : `, float[2,2,${w.kernel}] w`}`;
    const text = `g (${inputs}) => (y) { y = ${w.operator} <${attributes}> (x${pools ? "" : ", w"}) }`;
    const { inferred, computed } = await inferAndRun(parseGraphText(text));
    expect([text, inferred.get("y")?.dims]).toEqual([text, computed.get("y")?.dims]);
  });
  await fc.assert(property, { seed: 20261123, numRuns: Number(process.env.SNELLEN_RUNS ?? 60) });
});
