// The four guidelines of arXiv:2205.07260 on which normalization scales γ L2 regularization should shrink, in our own words,
// each with its reason. Read by the command line's help, by the Python code that we write, and by the docs.
import { DECAYS, type GammaCategory } from "./judge-reach.ts";

/** Whether to decay the γ of one category, and why (arXiv:2205.07260). */
export interface GammaGuideline {
  readonly category: GammaCategory;
  /** Whether L2 regularization of these γ is desirable. */
  readonly decay: boolean;
  /** Which γ it is about; no sentence, fits into a line. */
  readonly where: string;
  /** One sentence, fits into a line. */
  readonly reason: string;
}

const TEXTS: Readonly<Record<GammaCategory, Pick<GammaGuideline, "where" | "reason">>> = {
  "branch-last": {
    where: "the last γ of a residual branch, a layer scale too",
    reason: "Shrinking it shrinks Var(F(x)) against Var(x), which brings the block nearer to the identity.",
  },
  shortcut: {
    where: "γ on a shortcut, or where the residual stream starts",
    reason: "The identity needs its signal: shrinking it makes the branches large beside it.",
  },
  "scale-invariant": {
    where: "γ whose scale a normalization behind it takes off",
    reason: "Otherwise γ grows, and its effective learning rate lr/|γ|² falls: the same as with weights.",
  },
  terminal: {
    where: "γ whose output nothing normalizes, such as the last one before the head",
    reason: "It sets the scale of the logits, or how sharp an attention is, which is for the loss to choose.",
  },
};

/** One a category, as the paper's abstract puts them in order. */
export const gammaGuidelines: readonly GammaGuideline[] = (Object.keys(TEXTS) as GammaCategory[]).map(
  (category) => ({ category, decay: DECAYS[category], ...TEXTS[category] }),
);

/** What following the guidelines did in our own trainings; docs/reproduction/gammas.md has the rest. */
export const GUIDELINES_TRIED =
  "In 64 pairs of our own trainings (small networks, docs/reproduction/gammas.md) this plan did not raise accuracy: it was 1.5 points lower than with no γ decayed, and 0.9 higher than with all.";

/** Two lines a guideline: what to do with which γ, and why; without an indent. */
export const guidelineLines = (): string[] =>
  gammaGuidelines.flatMap(({ category, decay, where, reason }) => [
    `${category.padEnd(NAMES)}${(decay ? "decay" : "no decay").padEnd(VERBS)}${where}`,
    `${" ".repeat(NAMES + VERBS)}${reason}`,
  ]);

const NAMES = 17;
const VERBS = 10;
