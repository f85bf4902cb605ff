// How far a value follows when a normalization's output is scaled: as a power of the factor, exactly or nearly, whole or in parts.
// Derived here: a calculus of homogeneity (Euler) with the exceptions that networks make.
import { describeNode, type Node } from "@snellen/graph";

/** Something on the way that a scale does not pass unchanged. */
export interface Reason {
  readonly node: Node;
  /** What it is, in words that stand before the node's name: "bias of", "SiLU". */
  readonly what: string;
}

export interface Scaled {
  /** The value follows as this power of the factor (about, where there are reasons); never 0. */
  readonly degree: number;
  /** The operator that bounds it (Softmax, Sigmoid): the value then moves, but does not grow. */
  readonly bounded: Node | undefined;
  /** Axes along which parts that follow lie beside parts that do not. */
  readonly mixed: readonly number[] | "unknown";
  /** What adds a constant a channel, as long as a normalization that takes off each channel's mean would remove it. */
  readonly offset: Node | undefined;
  /** Why it follows nearly and not exactly; none: exactly. */
  readonly reasons: readonly Reason[];
}

/** A normalization's own output. */
export const FULLY: Scaled = { degree: 1, bounded: undefined, mixed: [], offset: undefined, reasons: [] };

/** Whether nothing bounds the value. */
export const isFree = ({ bounded }: Scaled): boolean => bounded === undefined;

/** Whether nothing but the factor itself came out. */
export const isExact = (state: Scaled): boolean => isFree(state) && state.reasons.length === 0;

const KEPT_REASONS = 12;

export function withReason(state: Scaled, what: string, node: Node): Scaled {
  const isKnown = state.reasons.some((reason) => reason.node === node);
  if (isKnown || state.reasons.length >= KEPT_REASONS) return state;
  return { ...state, reasons: [...state.reasons, { what, node }] };
}

/** An offset counts as soon as the next operator is no normalization of each channel. */
export const settled = (state: Scaled): Scaled =>
  state.offset === undefined ? state : withReason({ ...state, offset: undefined }, "bias of", state.offset);

/** Parts that follow and parts that do not get into one number. */
export const blended = (state: Scaled, node: Node): Scaled =>
  state.mixed.length === 0
    ? state
    : withReason({ ...state, mixed: [] }, "scaled and unscaled channels together in", node);

/** Reasons of several values, each node once. */
export const reasonsOf = (states: readonly Scaled[]): readonly Reason[] =>
  states
    .flatMap(({ reasons }) => reasons)
    .filter(({ node }, i, all) => i < KEPT_REASONS && all.findIndex((other) => other.node === node) === i);

export const mixedOf = (states: readonly Scaled[]): Scaled["mixed"] => {
  const parts = states.map(({ mixed }) => mixed);
  return parts.includes("unknown")
    ? "unknown"
    : [...new Set(parts.flatMap((mixed) => mixed as readonly number[]))];
};

/** Values that follow, in one value that follows as the first free one does. */
export function gathered(states: readonly Scaled[]): Scaled {
  const first = (states.find(isFree) ?? states[0]) as Scaled;
  return {
    degree: first.degree,
    bounded: first.bounded,
    mixed: mixedOf(states),
    offset: states.find((s) => s.offset !== undefined)?.offset,
    reasons: reasonsOf(states),
  };
}

/** Values that follow, added up, or the larger of them taken. */
export function together(states: readonly Scaled[], node: Node): Scaled {
  const sum = gathered(states);
  if (isFree(sum) && !states.every(isFree)) return withReason(sum, "a gate added in", node);
  return states.every((s) => s.degree === sum.degree)
    ? sum
    : withReason(sum, "different powers added in", node);
}

/** `bias of Conv "conv1"`, `SiLU at Sigmoid "act"`. */
export const describeReason = ({ what, node }: Reason): string =>
  `${what}${/ (of|in|by|with)$/.test(what) ? "" : " at"} ${describeNode(node)}`;
