// Rules under which a network is homogeneous of degree one, so that value times gradient, summed, gives the score but for
// biases (Euler). What scales others is held fixed: attention weights, gates, standard deviations; a product of two values of
// equal standing gives half to each. Held-fixed attention and LayerNorm as in Ali et al., ICML 2022, arXiv:2202.07304; halves
// as in Achtibat et al. (AttnLRP), ICML 2024, arXiv:2402.05602; their union and the gates derived here.
import { attr, type GraphBuilder, type Node } from "@snellen/graph";
import { affine } from "./blocked.ts";
import { axesFrom, besideChannels, inverseDeviation, meanOver, spatialAxes } from "./deviation.ts";
import { castLike, mul, scaled } from "./emit.ts";
import type { Rule } from "./rule.ts";
import { Div as quotient } from "./rules/elementwise.ts";
import { ruleFor } from "./rules/index.ts";
import { MatMul } from "./rules/matmul.ts";

/** Their outputs weigh other values. */
const GATES = new Set(["Softmax", "Sigmoid", "HardSigmoid", "Tanh", "Reciprocal"]);
/** Its outputs weigh other values (hard sigmoid in parts), or are features behind a ReLU6, which a gate of the above may weigh. */
const WEAK_GATE = "Clip";
/** They hand a gate on. */
const MOVERS = new Set([
  "Cast",
  "Expand",
  "Identity",
  "Reshape",
  "Resize",
  "Squeeze",
  "Transpose",
  "Unsqueeze",
]);

/** How surely a value is a gate: 2 yes, 1 where the other operand is none, 0 no. */
function gateStrength(b: GraphBuilder, value: string): 0 | 1 | 2 {
  const node = b.producer(value);
  if (node === undefined) return 0;
  if (GATES.has(node.opType)) return 2;
  if (node.opType === WEAK_GATE) return 1;
  return MOVERS.has(node.opType) ? gateStrength(b, node.inputs[0] as string) : 0;
}

/** Of two operands that both depend on the features, a gate gets nothing; equals get half each. */
const shared =
  (product: Rule): Rule =>
  (context) => {
    const { b, x, needs } = context;
    const gradients = product(context);
    if (!needs(0) || !needs(1)) return gradients;
    const strengths = [0, 1].map((i) => gateStrength(b, x[i] as string));
    const gate = Math.max(...strengths);
    if (strengths[0] !== strengths[1]) return gradients.map((g, i) => (strengths[i] === gate ? null : g));
    return gradients.map((g) => (g === null ? null : scaled(b, g, 0.5)));
  };

/** Mul's own rule takes x·sigmoid(x) as one function, which the gate's half of it must not be. */
const product: Rule = ({ b, x, dy, needs }) => [
  needs(0) ? mul(b, dy, x[1] as string) : null,
  needs(1) ? mul(b, dy, x[0] as string) : null,
];

/** dx = r·(g − mean g): the deviation is held fixed, the mean is not. */
function centredOnly(b: GraphBuilder, g: string, inverse: string, axes: readonly number[]): string {
  return mul(b, b.op("Sub", [g, meanOver(b, g, axes)]), inverse);
}

const LayerNormalization: Rule = ({ b, node, x, dy }) => {
  const [value, scale] = x as [string, string];
  const [, , inverse] = b.outputsOf(node, 3) as [string, string, string];
  return [centredOnly(b, mul(b, dy, scale), castLike(b, inverse, value), axesFrom(node, b.rank(value)))];
};

const InstanceNormalization: Rule = ({ b, node, x, dy }) => {
  const [value, scale] = x as [string, string];
  const rank = b.rank(value);
  const spatial = spatialAxes(rank);
  const offset = b.op("Sub", [value, meanOver(b, value, spatial)]);
  const g = mul(b, dy, besideChannels(b, scale, rank));
  return [centredOnly(b, g, inverseDeviation(b, node, offset, spatial), spatial)];
};

/** The denominator is held fixed. */
const Div: Rule = (context) => quotient(context).slice(0, 1);

/** x·gate(x) with the gate held fixed: dx = dy·gate(x). */
const gated =
  (gate: (b: GraphBuilder, x: string, node: Node) => string): Rule =>
  ({ b, node, x, dy }) => [mul(b, dy, gate(b, x[0] as string, node))];

/** Φ(x), by the error function or its tanh form (Hendrycks and Gimpel 2016). */
function normalDistribution(b: GraphBuilder, x: string, node: Node): string {
  const inner =
    attr.string(node, "approximate", "none") === "tanh"
      ? b.op("Tanh", [
          scaled(b, b.op("Add", [x, scaled(b, mul(b, x, x, x), 0.044715)]), Math.sqrt(2 / Math.PI)),
        ])
      : b.op("Erf", [scaled(b, x, Math.SQRT1_2)]);
  return affine(b, inner, 0.5, 0.5);
}

const HELD: Readonly<Record<string, Rule | undefined>> = {
  Mul: shared(product),
  MatMul: shared(MatMul),
  Div,
  LayerNormalization,
  InstanceNormalization,
  Gelu: gated(normalDistribution),
  Swish: gated((b, x, node) => b.op("Sigmoid", [scaled(b, x, attr.float(node, "alpha", 1))])),
  HardSwish: gated((b, x) => b.op("HardSigmoid", [x], { alpha: { float: 1 / 6 }, beta: { float: 0.5 } })),
  Mish: gated((b, x) => b.op("Tanh", [b.op("Softplus", [x])])),
};

/** The rule that holds scales fixed; undefined for operators whose own rule does as it is. */
export const homogeneousRule = (node: Node): Rule | undefined =>
  node.domain === "" && ruleFor(node) !== undefined ? HELD[node.opType] : undefined;
