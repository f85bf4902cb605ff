// The claims on PreLayerNorm that only trainings can test, and the form in which trainings hand over what they gave.
// arXiv:2111.08413: robustness improves with it, contrast included; ViT and CNN compared as trained alike.
import type { ScaleRow } from "../../patch-embedding/embedding-scale-result.ts";
import type { PreLayerNormMode } from "../../patch-embedding/prelayernorm/prelayernorm.ts";
import type { Claim, Finding } from "../claim.ts";
import { SIGNIFICANT } from "../claims-section.ts";
import { higherFinding, trainingPairs } from "../paired-trainings.ts";
import { largestRatioChange, leastCosine } from "./measured-training.ts";
import type { ScaleDirection } from "./result.ts";
import { corruptionDifferences, mostVerdict, standings } from "./trained-corruptions.ts";

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
  readonly parameters: number;
  /** On all clean test images after the last epoch, 0 to 1; of chance where it diverged. */
  readonly accuracy: number;
  /** On those that were corrupted, as they are; null where nothing was measured. */
  readonly clean: number | null;
  /** Mean over ImageNet-C's corruptions and their severities; null where it was not measured. */
  readonly corrupted: number | null;
  /** Mean over the factors of contrast enhancement; null where it was not measured. */
  readonly enhanced: number | null;
  /** By severity, from 1. */
  readonly corruptions: readonly { readonly id: string; readonly accuracies: readonly number[] }[];
  /** Of vision transformers. */
  readonly scales: readonly ScaleFactor[];
  /** Whether its loss stopped being finite. */
  readonly diverged: boolean;
}

/** What altering colours by a factor does to z₀: means over images. */
export interface ScaleFactor extends Pick<ScaleRow, "family" | "factor"> {
  readonly direction: ScaleDirection;
  /** |x| / |E_pos|. */
  readonly ratio: number;
  /** With the clean picture's z₀. */
  readonly cosine: number;
}

export type Which = "vit" | "cnn" | "prelayernorm";
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
  ({ clean, [of]: after }) =>
    clean === null || after === null ? null : clean - after;

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
  {
    id: "trained-ratio",
    title: "patches of a ViT trained with PreLayerNorm keep their size beside E_pos as colours grow or fade",
    first: "vit",
    second: "prelayernorm",
    measure: largestRatioChange,
    unit: "times that |x| / |E_pos| changes at most",
  },
  {
    id: "trained-direction",
    title: "z₀ of a ViT trained with PreLayerNorm turns less as colours grow or fade",
    first: "prelayernorm",
    second: "vit",
    measure: leastCosine,
    unit: "least cosine of z₀",
  },
];

const NAMES = { vit: "ViT", cnn: "CNN", prelayernorm: "ViT with PreLayerNorm" } as const;

export const isOf =
  (which: Which) =>
  ({ kind, preLayerNorm }: PreLayerNormTraining): boolean =>
    which === "prelayernorm"
      ? // the paper's place for it
        kind === "vit" && preLayerNorm === "after-projection"
      : kind === which && preLayerNorm === null;

/** Claims that trainings decide; "not measured yet" without any. */
export const preLayerNormTrainingClaims = (runs: readonly PreLayerNormTraining[], seed: number): Claim[] => [
  {
    id: "trained-most-corruptions",
    title: "a ViT is as robust as a CNN that was trained alike, or more, under most corruptions",
    test: `accuracy lost from clean, ViT − CNN, corruption by corruption, sign-flip test on pairs of trainings of one seed: the claim holds where the ViT loses less (p < ${SIGNIFICANT}) under more than half of ImageNet-C's corruptions, and not where it loses more under more than half`,
    findings: [underMost(runs, seed)],
  },
  ...CLAIMS.map((claim) => ({
    id: claim.id,
    title: claim.title,
    test: `sign-flip test on pairs of trainings of one setting and seed, p < ${SIGNIFICANT}: ${claim.unit}, higher with the first`,
    findings: [finding(claim, runs, seed)],
  })),
];

function underMost(runs: readonly PreLayerNormTraining[], seed: number): Finding {
  const found = standings(corruptionDifferences(runs.filter(isOf("vit")), runs.filter(isOf("cnn")), seed));
  const { more, less, all } = found;
  return {
    subject: `${NAMES.vit} against ${NAMES.cnn}`,
    verdict: mostVerdict(found),
    measured:
      all === 0
        ? ""
        : `loses less under ${less.length} of ${all}, more under ${more.length}, others undecided`,
  };
}

function finding(
  { first, second, measure, unit }: TrainingClaim,
  runs: readonly PreLayerNormTraining[],
  seed: number,
): Finding {
  const pairs = trainingPairs(runs.filter(isOf(first)), runs.filter(isOf(second)), measure);
  return higherFinding(`${NAMES[first]} against ${NAMES[second]}`, pairs, unit, seed);
}
