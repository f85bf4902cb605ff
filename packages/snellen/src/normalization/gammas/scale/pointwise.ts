// Scaling through functions of one value: those of degree 1, those that bend, those that are bounded.
// Euler's homogeneity, f(s·x) = s^d·f(x) for s > 0; source: the ONNX operators' definitions.
import { constantOf } from "@snellen/graph";
import {
  bends,
  bounds,
  follower,
  keeps,
  onlyOf,
  type ScaleContext,
  type ScaleRule,
  type ScaleRules,
  scalarOf,
} from "./rule.ts";
import { blended, settled } from "./scaled.ts";
import { EPSILON } from "./sums.ts";

const raises =
  (power: number): ScaleRule =>
  (context) => {
    const state = settled(follower(context));
    return { ...state, degree: power * state.degree };
  };

const powers: ScaleRule = (context) => {
  const power = scalarOf(context, context.node.inputs[1] ?? "");
  return (power === undefined || power === 0 ? bends("Pow") : raises(power))(context);
};

/** Beyond it a bound does not bind. */
const OPEN = 1e6;

/**
 * A lower bound of 0 alone is a Relu. Bounds around a shifted value, min(max(x + 3, 0), 6), are a hard sigmoid; others bend, as
 * ReLU6 does, of which the lower part is a Relu.
 */
const clips: ScaleRule = (context) => {
  const limit = (input: number): number | undefined => {
    const name = context.node.inputs[input] ?? "";
    return name === "" ? undefined : (constantOf(context.flow.shapes, name)?.[0] ?? Number.NaN);
  };
  const [low = -OPEN, high = OPEN] = [limit(1), limit(2)];
  if (high >= OPEN && (low <= -OPEN || (low >= 0 && low <= EPSILON))) return keeps(context);
  if (isShifted(context)) return bounds(context);
  return bends(low === 0 && high === 6 ? "ReLU6" : "Clip")(context);
};

/** Whether a number was added to the value right before. */
function isShifted(context: ScaleContext): boolean {
  const { flow, node } = context;
  const before = flow.index.producer(node.inputs[0] ?? "");
  return before?.opType === "Add" && before.inputs.some((name) => (scalarOf(context, name) ?? 0) > EPSILON);
}

/** x / ‖x‖ and the like: the factor falls out, unless the norm is taken over parts that do not follow. */
const cancels: ScaleRule = (context) => {
  const state = settled(follower(context));
  return state.mixed.length === 0 ? { cancelled: state } : blended(state, context.node);
};

const stops: ScaleRule = () => undefined;

const named = (names: string, rule: (name: string) => ScaleRule): ScaleRules =>
  Object.fromEntries(names.split(" ").map((name) => [name, rule(name)]));

export const pointwise: ScaleRules = {
  ...named("Abs LeakyRelu Neg Relu", () => keeps),
  PRelu: onlyOf(0, keeps),
  Sqrt: raises(0.5),
  Reciprocal: raises(-1),
  Pow: onlyOf(0, powers),
  Clip: onlyOf(0, clips),
  ...named("Celu Elu Exp Log LogSoftmax Mish Selu Shrink Softplus ThresholdedRelu", bends),
  Gelu: bends("GELU"),
  HardSwish: bends("hard-swish"),
  Swish: bends("SiLU"),
  ...named("Cos Erf HardSigmoid Hardmax Sigmoid Sign Sin Softmax Softsign Tanh", () => bounds),
  ...named("LpNormalization MeanVarianceNormalization InstanceNormalization", () => cancels),
  ...named(
    "And ArgMax ArgMin Equal Greater GreaterOrEqual IsInf IsNaN Less LessOrEqual NonZero Not Or Shape Size Xor",
    () => stops,
  ),
};
