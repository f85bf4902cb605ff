// How much is trained for the claims on dead pixels, and on what: chosen on other seeds and pictures than the experiment's, so that
// the micro-object task takes several epochs and the whole takes a core well under an hour. Derived here.
import type { TrainingRecipe } from "../train-network.ts";
import { type DataFacts, dataFacts, type TrainingData } from "../training-study.ts";
import type { TrainingTask } from "./trainings.ts";

/** Pictures and epochs of a training. */
export interface TaskEffort {
  readonly train: number;
  readonly test: number;
  readonly epochs: number;
}

/** How much is trained for the claims on dead pixels, and on what. */
export interface DeadPixelEffort {
  /** Trainings of each network with padded kernels, and as many without; six at least for a p below 0.05. */
  readonly seeds: number;
  readonly tasks: Readonly<Record<TrainingTask, TaskEffort>>;
  /** Side of the pictures with micro-objects, in pixels. */
  readonly side: number;
  /** Networks of `paddedNetworks` that are trained. */
  readonly networks: number;
  /** The family whose sizes of fields are compared. */
  readonly family: TaskEffort & { readonly seeds: number; readonly widths: readonly number[] };
  /** Pictures that R is accumulated over. */
  readonly fieldImages: number;
}

/** How much is trained in the whole experiment on dead pixels, and in a first look at it. */
export const DEAD_PIXEL_EFFORTS = {
  full: {
    seeds: 8,
    tasks: {
      "micro-object": { train: 256, test: 200, epochs: 40 },
      classification: { train: 4000, test: 1000, epochs: 4 },
    },
    side: 64,
    networks: 2,
    family: { train: 4000, test: 1000, epochs: 4, seeds: 3, widths: [8, 16] },
    fieldImages: 200,
  },
  quick: {
    seeds: 3,
    tasks: {
      "micro-object": { train: 256, test: 200, epochs: 24 },
      classification: { train: 1500, test: 500, epochs: 2 },
    },
    side: 64,
    networks: 1,
    family: { train: 1500, test: 500, epochs: 2, seeds: 1, widths: [8] },
    fieldImages: 50,
  },
} as const satisfies Readonly<Record<string, DeadPixelEffort>>;

/** Accuracy from which a task counts as learned. */
export const LEARNED = 0.9;

/** The same for both of a pair. The rate stays as it is, so that the number of epochs does not decide when a task is learned. */
export const RECIPES = {
  "micro-object": { batch: 32, rate: 0.01, schedule: "constant" },
  classification: { batch: 64, rate: 0.05, schedule: "cosine" },
} as const satisfies Readonly<Record<TrainingTask, Pick<TrainingRecipe, "batch" | "rate" | "schedule">>>;

/** Networks that stride by odd kernels, which can be padded. */
export const paddedNetworks = [
  {
    name: "ResNet",
    id: "resnet",
    options: { blocks: [1, 1, 1], widths: [8, 16, 32], stem: "strided" },
  },
  {
    name: "plain CNN",
    id: "plain-cnn",
    options: { widths: [8, 16, 32, 64], strides: [2, 2, 2, 2], convolutions: 1 },
  },
] as const;

/** What the trainings were, for the page. Plain data. */
export interface TrainingRegime {
  /** The whole set, of which the effort takes a part. */
  readonly data: DataFacts;
  readonly effort: DeadPixelEffort;
}

export const trainingRegime = ({
  data,
  effort,
}: {
  readonly data: TrainingData;
  readonly effort: DeadPixelEffort;
}): TrainingRegime => ({ data: dataFacts(data), effort });
