// What is trained for the claims on PreLayerNorm, and how much: chosen on other seeds and pictures than the experiment's, so that all
// learn their task and the whole takes a core well under an hour. Derived here.
import type { PreLayerNormMode } from "../../patch-embedding/prelayernorm/prelayernorm.ts";
import type { TrainingRecipe } from "../train-network.ts";
import {
  type DataFacts,
  dataFacts,
  optionsFor,
  type TrainingData,
  type TrainingStudy,
} from "../training-study.ts";

/** How much is trained for the claims on PreLayerNorm. */
export interface PreLayerNormEffort {
  /** Trainings of each network; six at least for a p below 0.05. */
  readonly seeds: number;
  readonly train: number;
  readonly test: number;
  readonly epochs: number;
  /** Test pictures that are corrupted, and those of them that z₀ is measured on. */
  readonly corrupted: number;
  readonly scaled: number;
  /** Where PreLayerNorm stands in the transformers beside the one without. */
  readonly modes: readonly PreLayerNormMode[];
}

export type PreLayerNormStudy = TrainingStudy<PreLayerNormEffort>;

/** How much is trained in the whole experiment on PreLayerNorm, and in a first look at it. */
export const PRELAYERNORM_EFFORTS = {
  full: {
    seeds: 8,
    train: 4000,
    test: 1000,
    epochs: 8,
    corrupted: 300,
    scaled: 100,
    modes: ["after-projection", "before-projection", "both"],
  },
  quick: {
    seeds: 2,
    train: 2000,
    test: 500,
    epochs: 6,
    corrupted: 60,
    scaled: 30,
    modes: ["after-projection"],
  },
} as const satisfies Readonly<Record<string, PreLayerNormEffort>>;

/** The same for all, without augmentation. */
export const RECIPE = {
  optimizer: "adamw",
  batch: 64,
  rate: 0.003,
  warmup: 1,
  schedule: "cosine",
} as const satisfies Partial<TrainingRecipe>;

const PATCH = 8;
/** Corruptions want 32 pixels; more than 64 take a small transformer too long. */
const SIDES = { least: 32, most: 64 } as const;

export const VIT_OPTIONS = { patch: PATCH, width: 64, depth: 3, heads: 4, mlpRatio: 2 } as const;
export const CNN_OPTIONS = { widths: [16, 32, 64], strides: [2, 2, 2], convolutions: 1 } as const;

/** Of both networks: pictures of the set in the sides that patches and corruptions allow. */
export function inputOptions(data: TrainingData) {
  const { height = SIDES.least, width = SIDES.least } = data.train.shape ?? {};
  const side = Math.min(SIDES.most, Math.max(SIDES.least, height, width));
  const whole = PATCH * Math.ceil(side / PATCH);
  return { ...optionsFor(data), size: [whole, whole] as const };
}

/** What the trainings were, for the page. Plain data. */
export interface PreLayerNormRegime {
  /** The whole set, of which the effort takes a part. */
  readonly data: DataFacts;
  /** Of the networks' inputs, in pixels. */
  readonly side: number;
  readonly isGrey: boolean;
  readonly effort: PreLayerNormEffort;
}

export const preLayerNormRegime = ({ data, effort }: PreLayerNormStudy): PreLayerNormRegime => ({
  data: dataFacts(data),
  side: inputOptions(data).size[0],
  isGrey: data.train.shape?.channels === 1,
  effort,
});
