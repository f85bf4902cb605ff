// How weights follow their gradient, as nodes of the graph: flat vectors in, flat vectors out, so that no parameter needs nodes of
// its own. What changes from step to step comes in as one number each.
import type { GraphBuilder } from "@snellen/graph";

/** Vectors of one group of parameters. */
export interface Update {
  readonly weights: string;
  readonly gradient: string;
  /** The optimizer's own vectors, in the order of `slots`. */
  readonly slots: readonly string[];
  /** Learning rate, a value of the graph with one number. */
  readonly rate: string;
  /** The numbers that `rates` gave. */
  readonly given: (name: string) => string;
  /** L2 regularization of the group. */
  readonly decay: number;
}

export interface Updated {
  readonly weights: string;
  readonly slots: readonly string[];
}

export interface OptimizerSettings {
  /** SGD's momentum, or AdamW's β₁; 0 to 1 without the end. */
  readonly momentum: number;
  /** AdamW's β₂. */
  readonly secondMoment: number;
}

export interface Optimizer {
  readonly id: string;
  readonly title: string;
  /** Vectors that it keeps for each group, which start as zeros. */
  readonly slots: readonly string[];
  readonly defaults: OptimizerSettings & { readonly rate: number; readonly decay: number };
  /** Numbers of a step beside the learning rate. @param step from 1 */
  readonly rates: (settings: OptimizerSettings, step: number) => Readonly<Record<string, number>>;
  readonly update: (b: GraphBuilder, settings: OptimizerSettings, update: Update) => Updated;
}

/** a·x + y for numbers a that stay. */
export const plusScaled = (b: GraphBuilder, y: string, factor: number, x: string): string =>
  factor === 0 ? y : b.op("Add", [y, b.op("Mul", [x, b.scalar(factor)])]);
