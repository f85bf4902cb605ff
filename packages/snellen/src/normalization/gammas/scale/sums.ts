// Scaling through sums, maxima, choices and concatenations: what follows beside what does not.
// Source: the ONNX operators' definitions.
import { attr } from "@snellen/graph";
import { vectorSize } from "../../flow.ts";
import {
  followers,
  fromFront,
  rankOf,
  type ScaleContext,
  type ScaleRule,
  type ScaleRules,
  scalarOf,
} from "./rule.ts";
import { gathered, isFree, type Scaled, settled, together, withReason } from "./scaled.ts";

/** A constant up to here guards against division by zero (the ε of norms and variances), and is taken for none. */
export const EPSILON = 1e-3;

const isEpsilon = (context: ScaleContext, value: string): boolean => {
  const scalar = scalarOf(context, value);
  return scalar !== undefined && scalar >= 0 && scalar <= EPSILON;
};

/** Inputs that do not follow. */
const others = ({ node, inputs }: ScaleContext): string[] =>
  node.inputs.filter((name, i) => name !== "" && inputs[i] === undefined);

const adds: ScaleRule = (context) => {
  const { flow, node } = context;
  const sum = together(followers(context), node);
  const rest = others(context).filter((name) => !isEpsilon(context, name));
  if (rest.length === 0) return sum;
  if (rest.some((name) => flow.isImage(name)))
    return withReason(settled(sum), "an unscaled value added in", node);
  if (!isFree(sum)) return sum;
  const isPerChannel = rest.every(
    (name) => scalarOf(context, name) !== undefined || vectorSize(flow, name) !== undefined,
  );
  return isPerChannel
    ? { ...sum, offset: sum.offset ?? node }
    : withReason(settled(sum), "constant added in", node);
};

/** With 0 a Relu, with another number a kink that stays where it is. */
const compares: ScaleRule = (context) => {
  const { node } = context;
  const state = settled(together(followers(context), node));
  return others(context).every((name) => isEpsilon(context, name))
    ? state
    : withReason(state, node.opType, node);
};

/** A choice between values that follow passes the factor on; a mask that puts in a number does nearly. */
const chooses: ScaleRule = (context) => {
  const { inputs, node } = context;
  const states = inputs.slice(1).filter((s): s is Scaled => s !== undefined);
  if (states.length === 0) return undefined;
  const state = settled(together(states, node));
  return states.length === 2 ? state : withReason(state, "mask", node);
};

const concatenates: ScaleRule = (context) => {
  const { node, inputs } = context;
  const states = followers(context);
  const whole = gathered(states);
  const isWhole =
    states.length === node.inputs.length &&
    states.every((s) => s.degree === whole.degree && isFree(s) === isFree(whole));
  if (isWhole || whole.mixed === "unknown") return whole;
  const rank = rankOf(
    context,
    inputs.findIndex((s) => s !== undefined && isFree(s) === isFree(whole)),
  );
  return { ...whole, mixed: [...new Set([...whole.mixed, fromFront(attr.int(node, "axis"), rank)])] };
};

export const sums: ScaleRules = {
  Add: adds,
  Sub: adds,
  Sum: adds,
  Mean: adds,
  Max: compares,
  Min: compares,
  Where: chooses,
  Concat: concatenates,
};
