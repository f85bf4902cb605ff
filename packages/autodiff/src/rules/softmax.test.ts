// Oracle: finite differences (test-support/gradient-spec.ts).
import { describeGradients, type SpecTable } from "../test-support/gradient-spec.ts";
import { distinct } from "../test-support/random.ts";
import type * as softmax from "./softmax.ts";

const along = (operator: string, axis: number) => ({
  name: `axis ${axis}`,
  graph: `(float[N,3,4,2] x) => (y) { y = ${operator} <axis = ${axis}> (x) }`,
});

const SPEC: SpecTable<typeof softmax> = {
  Softmax: [
    { name: "last axis by default", graph: "(float[N,5] x) => (y) { y = Softmax (x) }" },
    ...[-1, 0, 1, -2].map((axis) => along("Softmax", axis)),
    {
      name: "of scores that mask some places",
      graph:
        "(float[N,4] x) => (y) <bool[4] keep = {1, 0, 1, 1}, float low = {-inf}> { m = Where (keep, x, low)  y = Softmax (m) }",
    },
  ],
  LogSoftmax: [-1, 0, 1].map((axis) => along("LogSoftmax", axis)),
  Hardmax: [
    {
      name: "carries none beside another path",
      graph: "(float[N,4] x) => (y) { h = Hardmax (x)  y = Mul (h, x) }",
      inputs: { x: distinct },
      precision: "float",
    },
  ],
};

describeGradients(SPEC);
