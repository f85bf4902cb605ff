// Whether what was measured bears the rule out, and the verdict where only a measurement could tell. Derived here.
import type { ClassifiedGamma } from "./classify-gammas.ts";
import { DECAYS, type GammaCategory } from "./judge-reach.ts";
import type { ScaleChange } from "./scale-evidence.ts";

/**
 * Limits of the relative change ‖y(2γ) − y‖ / ‖y‖, from what networks gave (4 to 16 pictures; trained: EfficientNet-Lite0,
 * ResNet-20, a post-norm ViT, a face detector; nine others with random weights). Exactly invariant γ stayed below 0.009 (ε in networks
 * with dying channels), so 0.05 is far off; nearly invariant ones reached 0.57 (hard-swish; 0.51 with ReLU6); γ whose size counts
 * began at 0.04. As nearly invariant ones and others overlap, only the extremes contradict a rule.
 */
export const EVIDENCE_LIMITS = {
  /** An exactly invariant γ that changes the scores by more is not invariant. */
  exact: 0.05,
  /** Nor is a nearly invariant one by more. */
  nearly: 0.75,
  /** A γ whose size should count but that changes the scores by less behaves as if it were invariant. */
  effect: 0.01,
  /**
   * An open γ is nearly invariant if it changes the scores by less than this share of what the identity signal alone does. In
   * post-norm transformers the ones before an MLP gave 0.01 to 0.46, the ones before attention 0.99 to 1.8.
   */
  open: 0.6,
  /** A branch with less of the skip's variance is silent (a layer scale of 1e-6, a last γ of 0): nothing shows in the scores. */
  silent: 1e-3,
} as const;

export interface GammaEvidence {
  /** ‖y(2γ) − y‖ / ‖y‖ of the scores; null where they are all 0. */
  readonly scaleChange: number | null;
  /** The same with the identity signal alone doubled; of γ that are both sides of a residual Add. */
  readonly skipChange: number | null;
  /** Null where the measurement says nothing. */
  readonly agrees: boolean | null;
  /** A sentence without a full stop. */
  readonly verdict: string;
}

export interface JudgedByEvidence {
  readonly category: GammaCategory;
  readonly decay: boolean;
  readonly evidence: GammaEvidence;
}

/** @param blockRatio Var(F(x)) / Var(x) of the block that the γ is in; undefined where it is in none */
export function judgeEvidence(
  gamma: ClassifiedGamma,
  { change, skipChange }: ScaleChange,
  blockRatio: number | undefined,
): JudgedByEvidence {
  const measured = { scaleChange: finite(change), skipChange: finite(skipChange ?? Number.NaN) };
  const as = (category: GammaCategory, agrees: boolean | null, verdict: string): JudgedByEvidence => ({
    category,
    decay: category === gamma.category ? gamma.decay : DECAYS[category],
    evidence: { ...measured, agrees, verdict },
  });
  const moved = `doubling it moves the scores by ${percent(change)}`;
  if (!Number.isFinite(change)) return as(gamma.category, null, "the scores are 0 on all pictures");
  if (gamma.category !== "scale-invariant") return judgeEffect(gamma, change, blockRatio, as);
  if (skipChange !== undefined) {
    const beside = `${moved}, doubling the identity signal alone by ${percent(skipChange)}`;
    const isInvariant = change <= Math.max(EVIDENCE_LIMITS.open * skipChange, EVIDENCE_LIMITS.effect);
    return isInvariant
      ? as("scale-invariant", true, `${beside}: nearly scale-invariant`)
      : as("shortcut", true, `${beside}: it is the identity signal`);
  }
  if (change === 0)
    return as(gamma.category, null, `${moved}: what follows lets nothing through, such as a scale of 0`);
  const limit = gamma.isNearly ? EVIDENCE_LIMITS.nearly : EVIDENCE_LIMITS.exact;
  return change <= limit
    ? as(gamma.category, true, `${moved}, as the rule expects`)
    : as(gamma.category, false, `${moved}: it is not ${gamma.isNearly ? "even nearly " : ""}scale-invariant`);
}

function judgeEffect(
  gamma: ClassifiedGamma,
  change: number,
  blockRatio: number | undefined,
  as: (category: GammaCategory, agrees: boolean | null, verdict: string) => JudgedByEvidence,
): JudgedByEvidence {
  const { category, isBounded } = gamma;
  const moved = `doubling it moves the scores by ${percent(change)}`;
  if (change >= EVIDENCE_LIMITS.effect) return as(category, true, `${moved}, as the rule expects`);
  if (blockRatio !== undefined && blockRatio < EVIDENCE_LIMITS.silent)
    return as(
      category,
      null,
      `${moved}, but the branch of its block is silent (Var(F)/Var(x) = ${blockRatio.toExponential(1)})`,
    );
  if (isBounded) return as(category, null, `${moved}: its effect is too weak here to tell`);
  return as(category, false, `${moved}: it behaves as if it were scale-invariant`);
}

const finite = (value: number): number | null => (Number.isFinite(value) ? value : null);

const percent = (share: number): string =>
  share !== 0 && share < 1e-4 ? "less than 0.01 %" : `${Number((100 * share).toPrecision(2))} %`;
