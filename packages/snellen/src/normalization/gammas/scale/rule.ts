// What a rule about scaling is asked and answers: one a family of operators, in the files beside this one.
import { constantOf, dimsOf, type Node } from "@snellen/graph";
import type { Flow } from "../../flow.ts";
import { blended, type Scaled, settled, withReason } from "./scaled.ts";

export interface ScaleContext {
  readonly flow: Flow;
  readonly node: Node;
  /** One an input; undefined where the input does not follow the factor. At least one does. */
  readonly inputs: readonly (Scaled | undefined)[];
}

/** `cancelled`: the factor falls out, as in x / ‖x‖. Undefined: the output does not depend on it (a comparison, a shape). */
export type ScaleResult = Scaled | { readonly cancelled: Scaled } | undefined;

export type ScaleRule = (context: ScaleContext) => ScaleResult;
export type ScaleRules = Readonly<Record<string, ScaleRule>>;

export const followers = ({ inputs }: ScaleContext): Scaled[] =>
  inputs.filter((s): s is Scaled => s !== undefined);
export const follower = (context: ScaleContext): Scaled => followers(context)[0] as Scaled;

/** f(s·x) = s·f(x), element by element. */
export const keeps: ScaleRule = (context) => settled(follower(context));

/** Elements change their places at most, and a constant a channel stays one. */
export const moves: ScaleRule = follower;

/** Grows with x, but not in proportion. */
export const bends =
  (what: string): ScaleRule =>
  (context) =>
    withReason(settled(follower(context)), what, context.node);

/** Grows with x only up to a bound. */
export const bounds: ScaleRule = (context) => {
  const state = settled(follower(context));
  return { ...state, bounded: state.bounded ?? context.node };
};

/** A rule about one input: where only others follow, such as indices, nothing is said. */
export const onlyOf =
  (input: number, rule: ScaleRule): ScaleRule =>
  (context) =>
    context.inputs[input] === undefined ? undefined : rule(context);

/** Like an operator that nobody knows: the value bends, and parts get mixed up. */
export const blends =
  (what: string): ScaleRule =>
  (context) =>
    withReason(settled(blended(follower(context), context.node)), what, context.node);

export const rankOf = ({ flow, node }: ScaleContext, input = 0): number =>
  dimsOf(flow.shapes, node.inputs[input] ?? "")?.length ?? 0;

/** The number that a constant of one element holds. */
export const scalarOf = ({ flow }: ScaleContext, value: string): number | undefined => {
  const numbers = constantOf(flow.shapes, value);
  return numbers?.length === 1 ? numbers[0] : undefined;
};

/** An axis counted from the front. */
export const fromFront = (axis: number, rank: number): number => (axis < 0 ? axis + rank : axis);
