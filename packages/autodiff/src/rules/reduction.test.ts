// Oracle: finite differences (test-support/gradient-spec.ts); ties and zeros by hand after PyTorch 2.15.
import { describeGradients, type SampledRow, type SpecTable } from "../test-support/gradient-spec.ts";
import { awayFromZero, type Distribution, distinct, normal, positive } from "../test-support/random.ts";
import type * as reduction from "./reduction.ts";

type Options = Pick<SampledRow, "precision">;

/** The forms that axes take: kept or dropped, negative, absent, empty, over the batch. */
const forms = (operator: string, x: Distribution = normal, options: Options = {}): SampledRow[] =>
  (
    [
      ["two axes, kept", "keepdims = 1", "int64[2] axes = {-1, 1}", "(x, axes)"],
      ["two axes, dropped", "keepdims = 0", "int64[2] axes = {3, 1}", "(x, axes)"],
      ["all axes by absence, dropped", "keepdims = 0", "int64[1] unused = {0}", "(x)"],
      ["all axes by an empty list", "keepdims = 1", "int64[0] axes = {}", "(x, axes)"],
      ["no axes: element by element", "noop_with_empty_axes = 1", "int64[0] axes = {}", "(x, axes)"],
      ["over the batch", "keepdims = 0", "int64[2] axes = {0, 2}", "(x, axes)"],
    ] as const
  ).map(([name, attributes, axes, inputs]) => ({
    name,
    graph: `(float[N,3,2,2] x) => (y) <${axes}> { y = ${operator} <${attributes}> ${inputs} }`,
    inputs: { x },
    ...options,
  }));

const last = (operator: string, rows: number) =>
  `(float[${rows},3] x) => (y) <int64[1] axes = {1}> { y = ${operator} <keepdims = 0> (x, axes) }`;

const SPEC: SpecTable<typeof reduction> = {
  ReduceSum: forms("ReduceSum"),
  ReduceMean: forms("ReduceMean"),
  ReduceSumSquare: forms("ReduceSumSquare"),
  ReduceL1: [
    ...forms("ReduceL1", awayFromZero),
    { name: "at zero", graph: last("ReduceL1", 1), at: { x: [-2, 0, 2] }, expect: { x: [-1, 0, 1] } },
  ],
  ReduceL2: [
    ...forms("ReduceL2", awayFromZero),
    {
      name: "a zero vector has gradient zero",
      graph: last("ReduceL2", 2),
      at: { x: [0, 0, 0, 0, 3, 4] },
      expect: { x: [0, 0, 0, 0, 0.6, 0.8] },
    },
  ],
  ReduceLogSum: forms("ReduceLogSum", positive),
  ReduceLogSumExp: forms("ReduceLogSumExp"),
  ReduceMax: [
    ...forms("ReduceMax", distinct),
    {
      name: "ties share equally, as torch.amax",
      graph: last("ReduceMax", 2),
      at: { x: [1, 1, 0, 2, 2, 2] },
      expect: { x: [0.5, 0.5, 0, 1 / 3, 1 / 3, 1 / 3] },
    },
  ],
  ReduceMin: [
    ...forms("ReduceMin", distinct),
    {
      name: "ties share equally, as torch.amin",
      graph: last("ReduceMin", 1),
      at: { x: [1, 0, 0] },
      expect: { x: [0, 0.5, 0.5] },
    },
  ],
  ReduceProd: [
    ...forms("ReduceProd", awayFromZero),
    {
      name: "with no, one and two zeros",
      graph: last("ReduceProd", 3),
      at: { x: [2, 3, 4, 2, 0, 4, 0, 0, 4] },
      expect: { x: [12, 8, 6, 0, 8, 0, 0, 0, 0] },
    },
  ],
  CumSum: ["", "<exclusive = 1>", "<reverse = 1>", "<exclusive = 1, reverse = 1>"].map((attributes, i) => ({
    name: attributes || "plain",
    graph: `(float[N,4,2] x) => (y) <int64 axis = {${i % 2 === 0 ? 1 : -2}}> { y = CumSum ${attributes} (x, axis) }`,
  })),
  TopK: [
    {
      name: "values of the largest",
      graph: "(float[N,5] x) => (y, i) <int64[1] k = {2}> { y, i = TopK (x, k) }",
      inputs: { x: distinct },
    },
    {
      name: "of the smallest along an inner axis",
      graph: "(float[N,4,2] x) => (y, i) <int64[1] k = {3}> { y, i = TopK <axis = 1, largest = 0> (x, k) }",
      inputs: { x: distinct },
    },
  ],
};

describeGradients(SPEC);
