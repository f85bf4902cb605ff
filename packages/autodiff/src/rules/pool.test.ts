// Oracle: finite differences (test-support/gradient-spec.ts); at ties PyTorch 2.15's max_pool2d, written by hand.
import { describeGradients, type SpecTable } from "../test-support/gradient-spec.ts";
import { awayFromZero, distinct, positive } from "../test-support/random.ts";
import type * as pool from "./pool.ts";

/** ONNX Runtime averages in single precision only. */
const average = (name: string, x: string, attributes: string) => ({
  name,
  graph: `(float[N,${x}] x) => (y) { y = AveragePool <${attributes}> (x) }`,
  precision: "float" as const,
});

const maximum = (name: string, x: string, attributes: string) => ({
  name,
  graph: `(float[N,${x}] x) => (y) { y = MaxPool <${attributes}> (x) }`,
  inputs: { x: distinct },
});

const SPEC: SpecTable<typeof pool> = {
  AveragePool: [
    average("tiles", "2,4,6", "kernel_shape = [2,3], strides = [2,3]"),
    average("tiles, input left over", "2,5,7", "kernel_shape = [2,2], strides = [2,2]"),
    average("tiles, ceil_mode", "2,5,7", "kernel_shape = [2,2], strides = [2,2], ceil_mode = 1"),
    average("stride 1, pads not counted", "2,5,6", "kernel_shape = [3,3], pads = [1,1,1,1]"),
    average(
      "stride 1, pads counted",
      "2,5,6",
      "kernel_shape = [3,3], pads = [1,1,1,1], count_include_pad = 1",
    ),
    average("stride 1, even kernel", "2,5,6", "kernel_shape = [2,4], pads = [0,1,1,2]"),
    average("stride 2, pads not counted", "2,6,7", "kernel_shape = [3,3], strides = [2,2], pads = [1,1,1,1]"),
    average(
      "stride 2, pads counted, ceil_mode",
      "2,6,8",
      "kernel_shape = [3,3], strides = [2,2], pads = [1,1,1,1], count_include_pad = 1, ceil_mode = 1",
    ),
    average(
      "asymmetric pads, ceil_mode",
      "2,6,8",
      "kernel_shape = [4,3], strides = [3,2], pads = [0,1,2,0], ceil_mode = 1",
    ),
    average("stride larger than the kernel", "2,7,6", "kernel_shape = [1,1], strides = [2,2]"),
    average("dilated", "2,7,8", "kernel_shape = [3,2], dilations = [2,3], pads = [1,0,1,1]"),
    average("SAME_UPPER", "2,6,7", 'kernel_shape = [3,2], strides = [2,2], auto_pad = "SAME_UPPER"'),
    average(
      "SAME_LOWER, pads counted",
      "2,6,7",
      'kernel_shape = [3,2], strides = [2,2], auto_pad = "SAME_LOWER", count_include_pad = 1',
    ),
    average("one window over everything", "3,4,5", "kernel_shape = [4,5]"),
    average(
      "one padded window over everything",
      "3,4,4",
      "kernel_shape = [5,5], pads = [0,1,1,0], count_include_pad = 1",
    ),
    average("1-D", "2,9", "kernel_shape = [3], strides = [2], pads = [1,1]"),
    average("3-D", "2,4,3,4", "kernel_shape = [2,3,2], strides = [2,1,2], pads = [0,1,0,0,1,0]"),
  ],
  GlobalAveragePool: [
    {
      name: "of a map that something else reads too",
      graph: "(float[N,3,4,5] x) => (y) { p = GlobalAveragePool (x)  y = Mul (x, p) }",
      precision: "float",
    },
  ],
  MaxPool: [
    maximum("tiles", "2,4,6", "kernel_shape = [2,3], strides = [2,3]"),
    maximum("overlap with pads", "2,7,8", "kernel_shape = [3,3], strides = [2,2], pads = [1,1,1,1]"),
    maximum("stride 1", "2,5,6", "kernel_shape = [3,3], pads = [1,1,1,1]"),
    maximum("ceil_mode", "2,6,7", "kernel_shape = [3,3], strides = [2,2], ceil_mode = 1"),
    maximum("dilated", "2,7,8", "kernel_shape = [3,2], dilations = [2,3], pads = [1,0,1,1]"),
    maximum("SAME_UPPER", "2,6,7", 'kernel_shape = [3,2], strides = [2,2], auto_pad = "SAME_UPPER"'),
    maximum("SAME_LOWER", "2,6,7", 'kernel_shape = [3,2], strides = [2,2], auto_pad = "SAME_LOWER"'),
    maximum("VALID", "2,6,7", 'kernel_shape = [3,2], strides = [2,2], auto_pad = "VALID"'),
    maximum("stride larger than the kernel", "2,7,6", "kernel_shape = [1,2], strides = [3,3]"),
    maximum("1-D", "2,9", "kernel_shape = [3], strides = [2], pads = [1,1]"),
    maximum("3-D", "2,4,3,4", "kernel_shape = [2,3,2], strides = [2,1,2], pads = [0,1,0,0,1,0]"),
    {
      name: "column-major indices that the model uses",
      graph:
        "(float[2,2,4,4] x) => (y) { p, i = MaxPool <kernel_shape = [2,2], strides = [2,2], storage_order = 1> (x)  f = Cast <to = 1> (i)  y = Mul (p, f) }",
      inputs: { x: distinct },
      precision: "float",
    },
    {
      name: "ties: the first in row-major order",
      graph: "(float[1,1,3,3] x) => (y) { y = MaxPool <kernel_shape = [2,2]> (x) }",
      at: { x: [0, 1, 1, 1, 0, 1, 1, 1, 1] },
      seed: [1, 10, 100, 1000],
      expect: { x: [0, 11, 0, 100, 0, 1000, 0, 0, 0] },
    },
    {
      name: "ties with padding: zeros are found before it",
      graph: "(float[1,1,2,2] x) => (y) { y = MaxPool <kernel_shape = [3,3], pads = [1,1,1,1]> (x) }",
      at: { x: [0, 0, 0, 0] },
      expect: { x: [4, 0, 0, 0] },
    },
  ],
  GlobalMaxPool: [
    {
      name: "of a map",
      graph: "(float[N,3,4,5] x) => (y) { y = GlobalMaxPool (x) }",
      inputs: { x: distinct },
      precision: "float",
    },
    {
      name: "ties: the first",
      graph: "(float[1,1,2,2] x) => (y) { y = GlobalMaxPool (x) }",
      at: { x: [0, 3, 3, 1] },
      expect: { x: [0, 1, 0, 0] },
    },
  ],
  LpPool: [
    ...[1, 2, 3].map((p) => ({
      name: `p = ${p}`,
      graph: `(float[N,2,5,6] x) => (y) { y = LpPool <p = ${p}, kernel_shape = [3,2], strides = [2,2], pads = [1,0,1,0]> (x) }`,
      inputs: { x: awayFromZero },
      precision: "float" as const,
    })),
    {
      name: "zero where all is zero",
      graph: "(float[1,1,2,2] x) => (y) { y = LpPool <kernel_shape = [2,2]> (x) }",
      at: { x: [0, 0, 0, 0] },
      expect: { x: [0, 0, 0, 0] },
    },
  ],
  GlobalLpPool: [
    {
      name: "p = 3",
      graph: "(float[N,2,3,3] x) => (y) { y = GlobalLpPool <p = 3> (x) }",
      inputs: { x: positive },
      precision: "float",
    },
  ],
  MaxUnpool: [
    {
      name: "after MaxPool",
      graph:
        "(float[N,2,4,4] x) => (y) { p, i = MaxPool <kernel_shape = [2,2], strides = [2,2]> (x)  s = Mul (p, p)  y = MaxUnpool <kernel_shape = [2,2], strides = [2,2]> (s, i) }",
      inputs: { x: distinct },
      precision: "float",
    },
  ],
};

describeGradients(SPEC);
