// Oracle: finite differences (test-support/gradient-spec.ts), by input, scale and bias.
import { describeGradients, type SpecTable } from "../test-support/gradient-spec.ts";
import { positive } from "../test-support/random.ts";
import type * as normalization from "./normalization.ts";

/** ONNX Runtime has no double kernel; second derivatives of a normalization are steep. */
const SINGLE = { precision: "float", tolerance: 5e-3, why: "single precision" } as const;

const batchNorm = (x: string) =>
  `(float[N,3${x}] x, float[3] g, float[3] c, float[3] m, float[3] v) => (y) { y = BatchNormalization (x, g, c, m, v) }`;

const SPEC: SpecTable<typeof normalization> = {
  BatchNormalization: [
    { name: "of maps", graph: batchNorm(",2,4"), inputs: { v: positive } },
    { name: "of vectors", graph: batchNorm(""), inputs: { v: positive } },
    {
      name: "with constant statistics and a large epsilon",
      graph:
        "(float[N,2,3] x) => (y) <float[2] g = {1.5, -2}, float[2] c = {1, 2}, float[2] m = {0.5, -1}, float[2] v = {0.1, 3}> { y = BatchNormalization <epsilon = 0.1> (x, g, c, m, v) }",
    },
    {
      name: "statistics of the batch",
      graph:
        "(float[4,3,2,2] x, float[3] g, float[3] c) => (y) <float[3] m = {0, 0, 0}, float[3] v = {1, 1, 1}> { y, rm, rv = BatchNormalization <training_mode = 1> (x, g, c, m, v) }",
      precision: "float",
      tolerance: 1e-2,
      why: "single precision",
    },
  ],
  InstanceNormalization: [
    {
      name: "of maps",
      graph: "(float[N,3,4,3] x, float[3] g, float[3] c) => (y) { y = InstanceNormalization (x, g, c) }",
      ...SINGLE,
    },
    {
      name: "of sequences, in groups",
      graph:
        "(float[N,4,3,3] x) => (y) <int64[3] s = {0, 2, -1}, float[2] one = {1, 1}, float[2] zero = {0, 0}> { f = Reshape (x, s)  y = InstanceNormalization <epsilon = 0.01> (f, one, zero) }",
      ...SINGLE,
    },
  ],
  LayerNormalization: [
    {
      name: "last axis",
      graph: "(float[N,3,6] x, float[6] g, float[6] c) => (y) { y = LayerNormalization (x, g, c) }",
    },
    {
      name: "without bias",
      graph: "(float[N,3,6] x, float[6] g) => (y) { y = LayerNormalization <epsilon = 0.01> (x, g) }",
    },
    {
      name: "two axes",
      graph:
        "(float[N,2,3,4] x, float[3,4] g, float[3,4] c) => (y) { y = LayerNormalization <axis = 2> (x, g, c) }",
    },
    {
      name: "all axes but the batch",
      graph: "(float[N,2,3,4] x, float[2,3,4] g) => (y) { y = LayerNormalization <axis = -3> (x, g) }",
    },
    {
      name: "mean and inverse deviation used too",
      ...SINGLE,
      graph:
        "(float[N,6] x, float[6] g) => (y) { n, m, r = LayerNormalization (x, g)  s = Add (m, r)  y = Mul (n, s) }",
    },
    {
      name: "only the inverse deviation used",
      ...SINGLE,
      graph: "(float[N,6] x, float[6] g) => (r) { n, m, r = LayerNormalization (x, g) }",
      wrt: ["x"],
    },
  ],
  LRN: [
    {
      name: "odd window",
      graph: "(float[N,6,2,3] x) => (y) { y = LRN <size = 3, alpha = 0.5, beta = 0.75, bias = 2.0> (x) }",
      ...SINGLE,
    },
  ],
};

describeGradients(SPEC);
