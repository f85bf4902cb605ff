// The claims on PreLayerNorm that only trainings can test, and the form in which trainings hand over what they gave.
// arXiv:2111.08413: robustness improves with it, contrast included; ViT and CNN compared as trained alike.
import type { PreLayerNormMode } from "../../patch-embedding/prelayernorm/prelayernorm.ts";
import type { Claim, Finding } from "../claim.ts";
import { SIGNIFICANT } from "../claims-section.ts";
import { higherFinding, trainingPairs } from "../paired-trainings.ts";

/** One training. */
export interface PreLayerNormTraining {
  /** Data, size and recipe: those that are trained alike share it. */
  readonly network: string;
  readonly kind: "vit" | "cnn";
  /** Null for networks without one. */
  readonly preLayerNorm: PreLayerNormMode | null;
  /** Of the weights and the order of images; runs that are compared share it. */
  readonly seed: number;
  readonly epochs: number;
  /** On clean test images after the last epoch, 0 to 1. */
  readonly accuracy: number;
  /** Mean over ImageNet-C's corruptions and their severities; null where it was not measured. */
  readonly corrupted: number | null;
  /** Mean over the factors of contrast enhancement; null where it was not measured. */
  readonly enhanced: number | null;
}

type Which = "vit" | "cnn" | "prelayernorm";
type Measure = (training: PreLayerNormTraining) => number | null;

interface TrainingClaim {
  readonly id: string;
  readonly title: string;
  /** The first has more of the measure, if the claim holds. */
  readonly first: Which;
  readonly second: Which;
  readonly measure: Measure;
  readonly unit: string;
}

const lost =
  (of: "corrupted" | "enhanced"): Measure =>
  ({ accuracy, [of]: after }) =>
    after === null ? null : accuracy - after;

const CLAIMS: readonly TrainingClaim[] = [
  {
    id: "trained-corruptions",
    title: "PreLayerNorm, trained with, makes a ViT more robust",
    first: "prelayernorm",
    second: "vit",
    measure: ({ corrupted }) => corrupted,
    unit: "accuracy under corruptions",
  },
  {
    id: "trained-contrast",
    title: "PreLayerNorm, trained with, makes a ViT more robust to contrast enhancement",
    first: "prelayernorm",
    second: "vit",
    measure: ({ enhanced }) => enhanced,
    unit: "accuracy under contrast enhancement",
  },
  {
    id: "trained-alike-corruptions",
    title: "a CNN loses more under corruptions than a ViT that was trained alike",
    first: "cnn",
    second: "vit",
    measure: lost("corrupted"),
    unit: "accuracy lost under corruptions",
  },
  {
    id: "trained-alike-contrast",
    title: "a ViT loses more under contrast enhancement than a CNN that was trained alike",
    first: "vit",
    second: "cnn",
    measure: lost("enhanced"),
    unit: "accuracy lost under contrast enhancement",
  },
];

const NAMES = { vit: "ViT", cnn: "CNN", prelayernorm: "ViT with PreLayerNorm" } as const;

const isOf =
  (which: Which) =>
  ({ kind, preLayerNorm }: PreLayerNormTraining): boolean =>
    which === "prelayernorm"
      ? // the paper's place for it
        kind === "vit" && preLayerNorm === "after-projection"
      : kind === which && preLayerNorm === null;

/** Claims that trainings decide; "not measured yet" without any. */
export const preLayerNormTrainingClaims = (runs: readonly PreLayerNormTraining[], seed: number): Claim[] =>
  CLAIMS.map((claim) => ({
    id: claim.id,
    title: claim.title,
    test: `sign-flip test on pairs of trainings of one setting and seed, p < ${SIGNIFICANT}: ${claim.unit}, higher with the first`,
    findings: [finding(claim, runs, seed)],
  }));

function finding(
  { first, second, measure, unit }: TrainingClaim,
  runs: readonly PreLayerNormTraining[],
  seed: number,
): Finding {
  const pairs = trainingPairs(runs.filter(isOf(first)), runs.filter(isOf(second)), measure);
  return higherFinding(`${NAMES[first]} against ${NAMES[second]}`, pairs, unit, seed);
}
