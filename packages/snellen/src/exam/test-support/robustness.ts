// Made-up artifacts for tests of the audits of robustness.
import type { EmbeddingScale, Grip, ScaleRow } from "../../patch-embedding/embedding-scale-result.ts";
import { type Estimate, noEstimate } from "../../robustness/figures/estimates.ts";
import type {
  ConditionFigures,
  CorruptionFigures,
  ModelFigures,
} from "../../robustness/figures/result-types.ts";
import type { ContrastRow, PairedLoss, PairedLosses, Rivalry, Robustness } from "../artifacts.ts";

/** A share with an interval of equal halves; without one where no half is given. */
export const estimate = (value: number, half?: number, n = 60): Estimate => ({
  value,
  low: half === undefined ? null : value - half,
  high: half === undefined ? null : value + half,
  n,
});

const NONE = noEstimate(0);

const condition = (
  corruption: string | null,
  severity: number | null,
  accuracy: Estimate,
  agreement: Estimate,
): ConditionFigures => ({
  corruption,
  severity,
  images: 60,
  accuracy,
  error: accuracy.value === null ? NONE : estimate(1 - accuracy.value, 0.05, accuracy.n),
  top5: NONE,
  agreement,
  confidence: 0.9,
  ece: null,
  eceByChance: null,
});

const corruptionFigures = (corruption: string, error: Estimate, agreement: Estimate): CorruptionFigures => ({
  corruption,
  severities: [3, 5],
  error,
  ce: NONE,
  relativeCe: NONE,
  agreement,
  flips: NONE,
  flipsFromClean: NONE,
  ece: null,
});

/** Two corruptions: fog takes `loss` less 0.1 and noise as much more, of a clean accuracy. */
export function robustness(
  loss: Estimate,
  { clean = 0.9, isLabelled = true, outcome = "class" as ModelFigures["outcome"] } = {},
): Robustness {
  const named = { ...NONE, name: "mCE" };
  const value = loss.value ?? 0;
  const under = (part: number) => (isLabelled ? estimate(clean - part, 0.1) : NONE);
  const error = (part: number) => (isLabelled ? estimate(1 - clean + part, 0.1) : NONE);
  const agreement = (part: number) => estimate(1 - part, 0.1);
  const parts = [
    ["fog", value - 0.1],
    ["gaussian_noise", value + 0.1],
  ] as const;
  const figures: ModelFigures = {
    name: "model",
    outcome,
    classes: 10,
    summary: {
      corruptions: parts.map(([id]) => id),
      cleanError: isLabelled ? estimate(1 - clean, 0.05) : NONE,
      meanError: error(value),
      meanAccuracy: under(value),
      mce: named,
      relativeMce: named,
      agreement: agreement(value),
      flips: NONE,
      flipsFromClean: NONE,
      ece: { clean: null, cleanByChance: null, corrupted: null, corruptedByChance: null, images: 60 },
    },
    corruptions: parts.map(([id, part]) => corruptionFigures(id, error(part), agreement(part))),
    conditions: [
      condition(null, null, isLabelled ? estimate(clean, 0.05) : NONE, NONE),
      ...parts.flatMap(([id, part]) =>
        [3, 5].map((severity) => condition(id, severity, under(part), agreement(part))),
      ),
    ],
    calibration: [],
  };
  return {
    figures,
    loss: { of: isLabelled ? "accuracy" : "agreement", ...loss },
    losses: parts.map(([corruption, part]) => ({ corruption, ...estimate(part, 0.05) })),
  };
}

/** Accuracies by factor, and what is lost of that at 1, each known to five points. */
export const contrastRows = (accuracies: Readonly<Record<number, number>>, n = 60): ContrastRow[] =>
  Object.entries(accuracies)
    .map(([factor, accuracy]) => ({
      factor: Number(factor),
      accuracy: n === 0 ? NONE : estimate(accuracy, 0.05, n),
      agreement: estimate(accuracy, 0.05),
      loss: n === 0 ? NONE : estimate((accuracies[1] ?? 0) - accuracy, 0.05, n),
    }))
    .sort((a, b) => a.factor - b.factor);

export const grip = (changes: Partial<Grip> = {}): Grip => ({
  family: "contrast_enhancement",
  verdict: "keeps-its-grip",
  growth: estimate(1.02, 0.01),
  shrinkage: estimate(1, 0.01),
  leastCosine: estimate(0.98, 0.01),
  loss: { of: "accuracy", factor: 5, ...estimate(0.01, 0.02) },
  text: "Under growing contrast, all is well.",
  ...changes,
});

/** Patches that grow with the factor beside their positions, of 2 at 1. */
export function embeddingScale(grips: readonly Grip[], labelled = 60): EmbeddingScale {
  const rows = grips.flatMap(({ family }) =>
    [1, 2, 4].map(
      (factor): ScaleRow => ({
        family,
        factor,
        ratio: estimate(2 * factor, 0.1),
        cosine: estimate(1 / factor, 0.01),
        positionalShare: estimate(1 / (1 + 4 * factor ** 2), 0.01),
        accuracy: labelled > 0 ? estimate(1 - factor / 10, 0.1) : NONE,
        agreement: estimate(1 - factor / 20, 0.1),
        loss: labelled > 0 ? estimate((factor - 1) / 10, 0.1) : NONE,
        n: 60,
      }),
    ),
  );
  const verdict = grips.at(-1)?.verdict ?? "keeps-its-grip";
  return { found: {} as EmbeddingScale["found"], rows, grips, verdict, n: 60, labelled };
}

/** Own less rival's loss of 0.2. */
export const pairedLoss = (difference: Estimate): PairedLoss => ({
  own: estimate(0.2 + (difference.value ?? 0), 0.05),
  rival: estimate(0.2, 0.05),
  difference,
});

export const pairedLosses = (
  mean: Estimate,
  each: Readonly<Record<string, Estimate>> = {},
): PairedLosses => ({
  of: "accuracy",
  mean: pairedLoss(mean),
  each: Object.entries(each).map(([name, difference]) => ({ name, ...pairedLoss(difference) })),
});

export const rivalry = (changes: Partial<Rivalry> = {}): Rivalry => ({
  rival: { name: "cnn", kind: "convolutional" },
  corruptions: pairedLosses(estimate(0, 0.02), { fog: estimate(0, 0.02), contrast: estimate(0, 0.02) }),
  contrast: pairedLosses(estimate(0, 0.02), { 1.5: estimate(0, 0.02), 2: estimate(0.01, 0.02) }),
  ...changes,
});
