// How well R is known after some images, as plain data: what summaries and their files hold of a sum's curve.
import type { Convergence } from "./field-sum.ts";

export interface ConvergencePoint {
  /** Images so far. */
  readonly n: number;
  /** Standard error of R over its length; null before the second batch, and where R is zero. */
  readonly relativeError: number | null;
}

/** The curve with null where a number is not known, as undefined ones would vanish from JSON. */
export const convergencePoints = (curve: readonly Convergence[]): ConvergencePoint[] =>
  curve.map(({ n, relativeError }) => ({ n, relativeError: relativeError ?? null }));
