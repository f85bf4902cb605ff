// Oracle: finite differences (test-support/gradient-spec.ts); at corners PyTorch 2.15's convention, written by hand.
import { describeGradients, type SpecTable } from "../test-support/gradient-spec.ts";
import { awayFrom, awayFromZero, type Distribution, normal } from "../test-support/random.ts";
import type * as activations from "./activations.ts";

/** ONNX Runtime has no double kernel. */
const SINGLE = { precision: "float" } as const;

const row = (name: string, call: string, inputs: { x: Distribution }, opset = 20) => ({
  name,
  graph: `(float[N,3,4] x) => (y) { y = ${call} (x) }`,
  inputs,
  opset,
  ...SINGLE,
});

/** One corner: [x, derivative] pairs. */
const corner = (call: string, ...pairs: readonly (readonly [number, number])[]) => ({
  name: "at its corners, as PyTorch",
  graph: `(float[${pairs.length}] x) => (y) { y = ${call} (x) }`,
  at: { x: pairs.map(([x]) => x) },
  expect: { x: pairs.map(([, slope]) => slope) },
});

const offZero = { x: awayFromZero };
const anywhere = { x: normal };

const SPEC: SpecTable<typeof activations> = {
  Sigmoid: [{ name: "everywhere", graph: "(float[N,3] x) => (y) { y = Sigmoid (x) }" }],
  Tanh: [{ name: "everywhere", graph: "(float[N,3] x) => (y) { y = Tanh (x) }" }],
  Relu: [
    { name: "off its corner", graph: "(float[N,3,4] x) => (y) { y = Relu (x) }", inputs: offZero },
    corner("Relu", [-1, 0], [-1e-30, 0], [0, 0], [1e-30, 1], [1e30, 1]),
    {
      name: "twice, under a square",
      graph: "(float[N,4] x) => (y) { r = Relu (x)  s = Mul (r, x)  y = Mul (s, r) }",
      inputs: offZero,
    },
  ],
  LeakyRelu: [
    row("default", "LeakyRelu", offZero),
    row("negative slope below zero", "LeakyRelu <alpha = -0.5>", offZero),
    corner("LeakyRelu <alpha = 0.25>", [-1, 0.25], [0, 0.25], [1, 1]),
  ],
  PRelu: [
    {
      name: "slope per channel",
      graph: "(float[N,3,2,2] x, float[3,1,1] s) => (y) { y = PRelu (x, s) }",
      inputs: offZero,
      ...SINGLE,
    },
    {
      name: "one slope",
      graph: "(float[N,3,2] x, float[1] s) => (y) { y = PRelu (x, s) }",
      inputs: offZero,
      ...SINGLE,
    },
  ],
  ThresholdedRelu: [
    row("off its threshold", "ThresholdedRelu <alpha = 0.7>", { x: awayFrom([0.7], -2, 2) }),
    corner("ThresholdedRelu <alpha = 1.0>", [0.5, 0], [1, 0], [2, 1]),
  ],
  Shrink: [
    row("soft", "Shrink <lambd = 0.5, bias = 0.5>", { x: awayFrom([-0.5, 0.5], -2, 2) }),
    row("hard", "Shrink <lambd = 0.6>", { x: awayFrom([-0.6, 0.6], -2, 2) }),
    corner("Shrink <lambd = 0.5>", [-1, 1], [-0.5, 0], [0, 0], [0.5, 0], [1, 1]),
  ],
  Elu: [row("off its corner", "Elu <alpha = 1.3>", offZero), corner("Elu <alpha = 2.0>", [0, 2], [1, 1])],
  Selu: [row("default", "Selu", offZero), row("own constants", "Selu <alpha = 1.2, gamma = 0.8>", offZero)],
  Celu: [row("off its corner", "Celu <alpha = 0.7>", offZero)],
  Softplus: [row("everywhere", "Softplus", anywhere)],
  Softsign: [row("everywhere", "Softsign", offZero)],
  HardSigmoid: [
    row("off its corners", "HardSigmoid <alpha = 0.25, beta = 0.4>", { x: awayFrom([-1.6, 2.4], -3, 4) }),
    corner("HardSigmoid <alpha = 0.25, beta = 0.5>", [-3, 0], [-2, 0], [0, 0.25], [2, 0], [3, 0]),
    {
      name: "a step carries none",
      graph: "(float[3] x) => (y) { m = HardSigmoid <alpha = 3e38, beta = 0.0> (x)  y = Mul (m, x) }",
      at: { x: [-1, 0, 1] },
      expect: { x: [0, 0, 1] },
    },
  ],
  HardSwish: [
    row("off its corners", "HardSwish", { x: awayFrom([-3, 3], -5, 5) }),
    corner("HardSwish", [-4, 0], [0, 0.5], [4, 1]),
  ],
  Swish: [row("own factor", "Swish <alpha = 1.4>", anywhere, 24)],
  Mish: [row("everywhere", "Mish", anywhere)],
  Gelu: [row("exact", "Gelu", anywhere), row("tanh form", 'Gelu <approximate = "tanh">', anywhere)],
};

describeGradients(SPEC);
