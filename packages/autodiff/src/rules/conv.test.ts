// Oracle: finite differences (test-support/gradient-spec.ts), by input, weights and bias, in first and second order.
import { describeGradients, type SpecTable } from "../test-support/gradient-spec.ts";
import type * as conv_ from "./conv.ts";

/** ONNX Runtime's convolutions are single precision; they are linear in each operand, so that differences are still sharp. */
const row = (name: string, operator: "Conv" | "ConvTranspose", x: string, w: string, attributes = "") => ({
  name,
  graph: `(float[N,${x}] x, float[${w}] w) => (y) { y = ${operator} <${attributes}> (x, w) }`,
  precision: "float" as const,
});
const conv = (name: string, x: string, w: string, attributes?: string) => row(name, "Conv", x, w, attributes);
const transposed = (name: string, x: string, w: string, attributes?: string) =>
  row(name, "ConvTranspose", x, w, attributes);

const SPEC: SpecTable<typeof conv_> = {
  Conv: [
    {
      name: "with bias and kernel_shape",
      graph:
        "(float[N,2,5,6] x, float[3,2,3,3] w, float[3] c) => (y) { y = Conv <kernel_shape = [3,3], pads = [1,1,1,1]> (x, w, c) }",
      precision: "float",
    },
    conv("without padding", "2,5,6", "3,2,3,2"),
    conv("asymmetric pads", "2,5,6", "3,2,3,3", "pads = [0,1,2,0]"),
    conv("pads larger than the kernel's half", "2,4,4", "3,2,2,2", "pads = [1,1,1,1]"),
    conv("pads larger than the kernel", "2,3,3", "2,2,2,2", "pads = [3,2,2,3]"),
    conv("dilated", "2,7,7", "3,2,3,3", "dilations = [2,3], pads = [1,2,2,3]"),
    conv("dilated and strided", "2,9,8", "3,2,3,3", "dilations = [2,2], strides = [2,3], pads = [1,1,1,1]"),
    conv("a large map for its channels", "1,6,7", "2,1,3,3", "pads = [1,0,1,1]"),
    conv("few channels in", "1,7,6", "3,1,3,3", "pads = [1,1,1,1]"),
    conv("few channels out", "5,7,8", "1,5,3,3", "pads = [1,1,0,1]"),
    conv("1×1", "3,4,4", "5,3,1,1"),
    conv("1×1, stride 2", "3,5,6", "4,3,1,1", "strides = [2,2]"),
    conv("1×1 in groups, stride 3", "4,7,8", "6,2,1,1", "strides = [3,2], group = 2"),
    conv("1×1 with pads, stride 2", "2,4,5", "2,2,1,1", "strides = [2,2], pads = [1,1,1,1]"),
    conv("stride 2, nothing left over", "2,7,7", "3,2,3,3", "strides = [2,2]"),
    conv("stride 2, a row left over", "2,8,7", "3,2,3,3", "strides = [2,2]"),
    conv("stride 2 with pads", "2,8,8", "3,2,3,3", "strides = [2,2], pads = [1,1,1,1]"),
    conv("stride larger than the kernel", "2,9,8", "3,2,2,1", "strides = [3,4]"),
    conv("strides of two sizes", "2,6,7", "3,2,3,3", "strides = [1,2], pads = [1,1,1,1]"),
    conv("patches", "2,8,8", "5,2,4,4", "strides = [4,4]"),
    conv("patches, input left over", "2,9,11", "5,2,4,4", "strides = [4,4]"),
    conv("groups", "4,5,5", "6,2,3,3", "group = 2, pads = [1,1,1,1]"),
    conv("groups, stride 2", "4,6,6", "6,2,3,3", "group = 2, pads = [1,1,1,1], strides = [2,2]"),
    conv("depthwise", "3,5,5", "3,1,3,3", "group = 3, pads = [1,1,1,1]"),
    conv("depthwise, a large map", "2,8,9", "2,1,3,3", "group = 2, pads = [1,1,1,1]"),
    conv("depthwise with multiplier", "3,5,5", "6,1,3,3", "group = 3, pads = [1,1,1,1]"),
    conv("depthwise, stride 2", "3,6,6", "3,1,3,3", "group = 3, pads = [0,0,1,1], strides = [2,2]"),
    conv("auto_pad SAME_UPPER", "2,6,5", "3,2,3,4", 'auto_pad = "SAME_UPPER", strides = [2,2]'),
    conv("auto_pad SAME_LOWER", "2,6,5", "3,2,3,4", 'auto_pad = "SAME_LOWER", strides = [2,1]'),
    conv(
      "auto_pad SAME_UPPER, stride larger than the kernel",
      "2,6,5",
      "3,2,1,1",
      'auto_pad = "SAME_UPPER", strides = [3,3]',
    ),
    conv("auto_pad VALID", "2,6,5", "3,2,3,3", 'auto_pad = "VALID"'),
    conv("1-D", "3,8", "4,3,3", "pads = [2,1], strides = [2]"),
    conv("3-D", "2,4,3,4", "2,2,3,1,2", "pads = [1,0,1,1,0,0]"),
    conv("3-D, stride 2 in groups", "2,4,5,4", "4,1,2,3,2", "strides = [2,2,2], group = 2"),
    {
      name: "of an image by itself as weights",
      graph: "(float[2,2,3,3] x) => (y) { y = Conv <pads = [1,1,1,1]> (x, x) }",
      precision: "float",
      tolerance: 5e-3,
      why: "quadratic in single precision",
    },
    {
      name: "twice, with a square between",
      graph:
        "(float[N,2,4,4] x, float[3,2,3,3] w, float[2,3,2,2] v) => (y) { a = Conv <pads = [1,1,1,1]> (x, w)  s = Mul (a, a)  y = Conv <strides = [2,2]> (s, v) }",
      precision: "float",
      tolerance: 1e-2,
      why: "quadratic in single precision",
    },
  ],
  ConvTranspose: [
    {
      name: "with bias",
      graph:
        "(float[N,3,4,4] x, float[3,2,3,3] w, float[2] c) => (y) { y = ConvTranspose <strides = [2,2], pads = [1,1,1,1]> (x, w, c) }",
      precision: "float",
    },
    transposed("stride 1", "3,4,4", "3,2,3,3", "pads = [1,0,0,1]"),
    transposed("stride 2 with output_padding", "3,4,3", "3,2,3,3", "strides = [2,2], output_padding = [1,0]"),
    transposed("dilated", "3,4,3", "3,2,2,3", "dilations = [2,3], strides = [2,2], pads = [1,0,0,1]"),
    transposed(
      "groups",
      "4,3,3",
      "4,2,3,3",
      "group = 2, strides = [2,2], output_padding = [1,1], pads = [1,1,1,1]",
    ),
    transposed("depthwise", "3,3,3", "3,1,2,2", "group = 3, strides = [2,2]"),
    transposed("output_shape", "3,3,4", "3,2,3,3", "strides = [2,2], output_shape = [6,8]"),
    transposed(
      "output_shape, SAME_UPPER",
      "3,3,4",
      "3,2,3,3",
      'strides = [2,2], output_shape = [6,8], auto_pad = "SAME_UPPER"',
    ),
    transposed("auto_pad SAME_UPPER", "3,3,4", "3,2,3,3", 'strides = [2,2], auto_pad = "SAME_UPPER"'),
    transposed("auto_pad SAME_LOWER", "3,3,4", "3,2,3,3", 'strides = [2,2], auto_pad = "SAME_LOWER"'),
    transposed("1-D", "3,5", "3,2,4", "strides = [2], pads = [1,1]"),
    transposed("3-D", "2,3,2,2", "2,2,2,2,2", "strides = [2,2,2]"),
  ],
};

describeGradients(SPEC);
