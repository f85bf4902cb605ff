// What the experiment on PreLayerNorm gives: plain data. Losses are shares of images, 0 to 1, and differences first − second on the
// same images, so that below zero the first is better. Kim et al., arXiv:2111.08413; figures derived here.
import type { Grip, ScaleRow } from "../../patch-embedding/embedding-scale-result.ts";
import type { PreLayerNormMode } from "../../patch-embedding/prelayernorm/prelayernorm.ts";
import type { Estimate } from "../../robustness/figures/estimates.ts";
import type { LossKind } from "../../robustness/figures/losses.ts";
import type { Refused } from "../unless-refused.ts";
import type { PreLayerNormRegime } from "./training-effort.ts";
import type { PreLayerNormTraining } from "./trainings.ts";

/** Means over a corruption's severities. */
export interface CorruptionLoss {
  readonly corruption: string;
  readonly loss: Estimate;
  /** Share of wrong predictions, whatever the clean one was; as `loss` where labels are missing. */
  readonly error: Estimate;
}

/** At one factor of contrast enhancement. */
export interface CurvePoint {
  readonly factor: number;
  readonly loss: Estimate;
}

/** How colours are altered: away from the mean or upward, where values are cut off, or back by the same factors, where none are. */
export type ScaleDirection = "enhanced" | "faded";

/** `growth` and `shrinkage` in `grips` are ratios of what patches weigh beside E_pos to what they weigh on clean pictures. */
export interface ScaleResult {
  readonly direction: ScaleDirection;
  readonly rows: readonly ScaleRow[];
  readonly grips: readonly Grip[];
}

/** Losses of a network, or differences of two networks' losses. */
export interface Losses {
  /** `accuracy`: how much of it a corruption costs; `agreement`, where labels are missing: how many predictions it changes. */
  readonly measure: LossKind;
  /** Share of wrong predictions of clean pictures. */
  readonly cleanError: Estimate;
  /** Mean over ImageNet-C's corruptions. */
  readonly mean: Omit<CorruptionLoss, "corruption">;
  readonly corruptions: readonly CorruptionLoss[];
  readonly curve: readonly CurvePoint[];
}

export interface NetworkResult extends Losses {
  readonly name: string;
  /** `vit` where patches get a positional embedding, `cnn` for all others. */
  readonly kind: "vit" | "cnn";
  /** What the finder of patch embeddings says of it. */
  readonly embedding: string;
  /** Whether its patches are normalized before positions are added, by calibration or as it was given. */
  readonly isPreNormalized: boolean;
  /** Of a calibrated network: which it was made of, how, the share of its patches' variance that stayed, and on how many images. */
  readonly calibrated: {
    readonly of: string;
    readonly mode: PreLayerNormMode;
    readonly r2: number | null;
    readonly images: number;
  } | null;
  /** Loss under contrast enhancement − mean loss under ImageNet-C's corruptions. */
  readonly enhancementAgainstOthers: Estimate;
  /** Of vision transformers. */
  readonly scales: readonly ScaleResult[];
}

export interface NetworkPair extends Losses {
  readonly first: string;
  readonly second: string;
}

/** Networks on the same images. */
export interface DatasetResult {
  readonly dataset: string;
  /** Images that all were measured on, and others that PreLayerNorm was calibrated on: those that could be read. */
  readonly images: number;
  readonly calibrationImages: number;
  readonly corruptions: readonly {
    readonly id: string;
    /** Of the nineteen. */
    readonly isImageNetC: boolean;
  }[];
  readonly networks: readonly NetworkResult[];
  /** Every ViT as it was given − every CNN. */
  readonly pairs: readonly NetworkPair[];
  /** Every calibrated ViT − the same one as it was given. */
  readonly calibrations: readonly NetworkPair[];
  readonly refused: readonly Refused[];
  /** Images to measure and to calibrate on that could not be used. */
  readonly skipped: readonly { readonly source: string; readonly reason: string }[];
}

/** What the experiment on PreLayerNorm (arXiv:2111.08413) found. Plain data. */
export interface PreLayerNormExperiment {
  readonly version: 1;
  readonly seed: number;
  readonly datasets: readonly DatasetResult[];
  /** Empty where nothing was trained. */
  readonly trainings: readonly PreLayerNormTraining[];
  /** What was trained on, how long; null where nothing was. */
  readonly regime: PreLayerNormRegime | null;
}
