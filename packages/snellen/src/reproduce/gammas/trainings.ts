// The claims on L2 regularization of γ that only trainings can test, and the form in which trainings hand over what they gave.
// arXiv:2205.07260: +1 to +4 % where it is desirable, −1 to −3 % where it is not.
import type { Claim, Finding } from "../claim.ts";
import { SIGNIFICANT } from "../claims-section.ts";
import { higherFinding, trainingPairs } from "../paired-trainings.ts";

/** Which γ were decayed: none, all, those of one category, or those of the plan. */
export type DecayedGammas =
  | "none"
  | "all"
  | "plan"
  | "branch-last"
  | "shortcut"
  | "scale-invariant"
  | "terminal";

/** One training. */
export interface GammaTraining {
  readonly network: string;
  readonly decayed: DecayedGammas;
  /** L2 regularization of the weights, and of the γ that are decayed. */
  readonly strength: number;
  /** Of the weights and the order of images; runs that are compared share it. */
  readonly seed: number;
  readonly epochs: number;
  /** Its numbers stopped being finite: accuracy is chance, other numbers are null. */
  readonly isDiverged: boolean;
  /** On the test images after the last epoch, 0 to 1. */
  readonly accuracy: number;
  /** Likewise. */
  readonly testLoss: number | null;
  /** Of the training images, mean of each epoch. */
  readonly losses: readonly number[];
  /** Geometric mean over residual blocks of Var(F(x)) / Var(x) after the last epoch; null where it was not measured. */
  readonly varianceRatio: number | null;
  /**
   * Geometric mean over the scale-invariant γ of lr/|γ|² after the last epoch, lr the highest learning rate, as the schedule is the
   * same for all; null where it was not measured.
   */
  readonly effectiveRate: number | null;
  /** The same before training and after each epoch. */
  readonly effectiveRates: readonly (number | null)[];
}

export interface Comparison {
  /** The first has more of the measure, if the claim holds. */
  readonly first: DecayedGammas;
  readonly second: DecayedGammas;
  readonly of: "accuracy" | "varianceRatio" | "effectiveRate";
}

export const CLAIMS: readonly {
  readonly id: string;
  readonly title: string;
  readonly comparisons: readonly Comparison[];
}[] = [
  {
    id: "applicable",
    title: "decay of applicable γ raises accuracy (published: by 1 to 4 %)",
    comparisons: [
      { first: "branch-last", second: "none", of: "accuracy" },
      { first: "scale-invariant", second: "none", of: "accuracy" },
      { first: "plan", second: "none", of: "accuracy" },
    ],
  },
  {
    id: "inapplicable",
    title: "decay of γ that it is not applicable to lowers accuracy (published: by 1 to 3 %)",
    comparisons: [
      { first: "none", second: "shortcut", of: "accuracy" },
      { first: "none", second: "terminal", of: "accuracy" },
      { first: "plan", second: "all", of: "accuracy" },
    ],
  },
  {
    id: "trained-variance",
    title: "networks trained with decay of the branch-last γ have smaller branches",
    comparisons: [{ first: "none", second: "branch-last", of: "varianceRatio" }],
  },
  {
    id: "trained-rate",
    title: "decay of the scale-invariant γ keeps their effective learning rate up",
    comparisons: [{ first: "scale-invariant", second: "none", of: "effectiveRate" }],
  },
];

const UNITS = {
  accuracy: "accuracy",
  varianceRatio: "Var(F)/Var(x)",
  effectiveRate: "effective learning rate",
} as const;

/** Claims that trainings decide; "not measured yet" without any. */
export function gammaTrainingClaims(runs: readonly GammaTraining[], seed: number): Claim[] {
  return CLAIMS.map(({ id, title, comparisons }) => ({
    id,
    title,
    test: `sign-flip test on pairs of trainings of one network, strength and seed, p < ${SIGNIFICANT}: higher with the first`,
    findings: comparisons.map((comparison) => finding(comparison, runs, seed)),
  }));
}

/** A network at one strength of decay: only such trainings are compared. */
export const settingOf = ({ network, strength }: GammaTraining): string => `${network}, decay ${strength}`;

/** The first choice against the second, over all networks, strengths and seeds that have both. */
export function finding(
  { first, second, of }: Comparison,
  runs: readonly GammaTraining[],
  seed: number,
): Finding {
  const name = (decayed: DecayedGammas): string =>
    decayed === "none" ? "none decayed" : `${decayed} decayed`;
  const subject = `${name(first)} against ${name(second)}`;
  const [own, others] = [first, second].map((which) =>
    runs.flatMap((run) => (run.decayed === which ? [{ ...run, network: settingOf(run) }] : [])),
  );
  return higherFinding(
    subject,
    trainingPairs(own ?? [], others ?? [], (run) => run[of]),
    UNITS[of],
    seed,
  );
}
