// What a gradient rule is. A rule states the calculus of one operator in a few lines; the walk (backpropagate.ts) does the
// rest: it picks the needed nodes, adds up contributions, sums over broadcast axes and checks arity.
import type { GraphBuilder, Node } from "@snellen/graph";

/** Gradient with respect to one input: a value name, or null where none flows (indices, shapes, constants). */
export type InputGradient = string | null;

export interface RuleContext {
  readonly b: GraphBuilder;
  readonly node: Node;
  /** Input names; "" where an optional input is absent. */
  readonly x: readonly string[];
  /** Output names. */
  readonly y: readonly string[];
  /** Gradient of output 0, of the output's full shape. For rules of operators with one output that matters. */
  readonly dy: string;
  /** The same before it was repeated: smaller where all along an axis is equal. For products with what has the full size. */
  readonly compactDy: string;
  /** Gradients of all outputs; undefined where nothing flows back. */
  readonly dys: readonly (string | undefined)[];
  /** Whether the gradient with respect to input `i` is wanted; others may be returned as null to save work. */
  readonly needs: (i: number) => boolean;
  /** Whether input `i` is itself a value that the caller differentiates by: its gradient may not be passed over. */
  readonly isTarget: (i: number) => boolean;
  /** Values around the node that its sub-graphs read: which of them want a gradient, and how to give it. */
  readonly captured: {
    readonly needed: readonly string[];
    readonly add: (value: string, gradient: string) => void;
  };
}

/**
 * One entry per input (trailing nulls may be left out). A gradient may be larger than its input by broadcasting (it is summed
 * down) or smaller where the input would repeat it (it is expanded when that matters).
 */
export type Rule = (context: RuleContext) => readonly InputGradient[];

/** `dx = f(x, y, dy)` for operators of one input. */
export const unary =
  (gradient: (c: { b: GraphBuilder; node: Node; x: string; y: string; dy: string }) => string): Rule =>
  ({ b, node, x, y, dy }) => [gradient({ b, node, x: x[0] as string, y: y[0] as string, dy })];

/** For operators whose derivative is zero wherever it exists; the reason is for the reader and for `snellen inspect`. */
export const zeroGradient =
  (_reason: string): Rule =>
  () => [];

/** Inputs without gradient after the first: shapes, axes, pads, indices. */
export const firstOnly =
  (gradient: (c: RuleContext) => string): Rule =>
  (c) => [gradient(c)];
