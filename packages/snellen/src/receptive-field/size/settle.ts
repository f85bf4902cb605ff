// Levenberg–Marquardt until nothing moves. The library neither takes back a step that made the fit worse nor stops where the
// error has settled above its tolerance; so it is given one step at a time, and steps are judged here.
import { levenbergMarquardt } from "ml-levenberg-marquardt";

/** A curve over points 0 … n − 1. Parameters should be of order 1, and so should the sum of its squared derivatives. */
export interface Problem {
  readonly y: Float64Array;
  /** The curve at these parameters. */
  readonly curve: (parameters: number[]) => (point: number) => number;
  /** Its derivatives by each parameter; the list may be used again for the next point. */
  readonly derivatives: (parameters: number[]) => (point: number) => number[];
  readonly lowest: readonly number[];
  readonly highest: readonly number[];
}

interface Settled {
  readonly parameters: readonly number[];
  /** Sum of squared residuals. */
  readonly error: number;
  readonly steps: number;
  /** False where the steps ran out first. */
  readonly isSettled: boolean;
}

const FIRST_DAMPING = 1e-2;
/** Below this, damping no longer keeps the equations from being singular. */
const LEAST_DAMPING = 1e-9;
/** A step damped this much follows the gradient; where even it makes things worse, the gradient is rounding. */
const LAST_DAMPING = 1e6;
/** Steps below this move no digit that anyone reads. */
const SMALL_STEP = 1e-6;
const [EASE, STIFFEN] = [9, 11];

export function settle(problem: Problem, start: readonly number[], mostSteps: number): Settled {
  const x = Float64Array.from(problem.y, (_, i) => i);
  let [parameters, damping, error] = [[...start], FIRST_DAMPING, Number.POSITIVE_INFINITY];
  for (let steps = 1; steps <= mostSteps; steps++) {
    const next = levenbergMarquardt({ x, y: problem.y }, problem.curve, {
      initialValues: parameters,
      jacobianFunction: problem.derivatives,
      minValues: problem.lowest,
      maxValues: problem.highest,
      damping,
      maxIterations: 1,
      errorTolerance: 0,
    });
    const moved = Math.max(...next.parameterValues.map((v, i) => Math.abs(v - (parameters[i] as number))));
    // a step that made it worse is not among what comes back: the parameters are those that went in
    const isBetter = moved > 0;
    [parameters, error] = [next.parameterValues, next.parameterError];
    if (error === 0 || (isBetter ? moved < SMALL_STEP : damping > LAST_DAMPING))
      return { parameters, error, steps, isSettled: true };
    damping = isBetter ? Math.max(damping / EASE, LEAST_DAMPING) : damping * STIFFEN;
  }
  return { parameters, error, steps: mostSteps, isSettled: false };
}
