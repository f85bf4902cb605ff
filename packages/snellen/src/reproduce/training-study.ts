// What the trainings of an experiment have in common: pictures to train and to judge on, how much is spent, and what becomes of one
// that diverges.
import { ModelError } from "@snellen/graph";
import { limitPictures } from "../datasets/pictures/limit-pictures.ts";
import type { TrainingPictures } from "../datasets/pictures/training-pictures.ts";
import type { TrainingBench, TrainingRecipe } from "./train-network.ts";

/** Pictures that networks learn from, and those that only judge them. */
export interface TrainingData {
  readonly train: TrainingPictures;
  readonly test: TrainingPictures;
}

/** @typeParam E what an experiment may spend: seeds, pictures, epochs */
export interface TrainingStudy<E> {
  readonly bench: Omit<TrainingBench, "signal">;
  readonly data: TrainingData;
  readonly effort: E;
}

/** What a page says of the pictures. Plain data. */
export interface DataFacts {
  readonly name: string;
  readonly train: number;
  readonly test: number;
}

export const dataFacts = ({ train, test }: TrainingData): DataFacts => ({
  name: train.name,
  train: train.count,
  test: test.count,
});

/** So many of each, balanced by class. @throws UsageError `bad-limit` */
export const limitedData = (
  { train, test }: TrainingData,
  counts: { readonly train: number; readonly test: number },
  seed: number,
): TrainingData => ({
  train: limitPictures(train, counts.train, seed),
  test: limitPictures(test, counts.test, seed),
});

/** Options of networks that take pictures of this set as they are; of a set without one size, the networks' own size. */
export function optionsFor({ train: { labels, shape } }: TrainingData) {
  const sizes = shape && ({ size: [shape.height, shape.width], channels: shape.channels } as const);
  return { classes: labels.length, ...sizes };
}

/** Accuracy of chance: what a training that diverged counts as. */
export const chanceOf = ({ train: { labels } }: TrainingData): number => 1 / labels.length;

/** How a network is trained, up to its decay, as a part of a sentence. */
export const recipeText = ({
  batch,
  optimizer,
  rate,
}: Pick<TrainingRecipe, "batch" | "optimizer" | "rate">): string =>
  `batches of ${batch}, ${optimizer === "sgd" ? "SGD with momentum 0.9" : "AdamW"}, learning rate ${rate} falling by half a cosine`;

/** A training that diverged is a result: undefined. @throws whatever else `train` throws */
export async function unlessDiverged<T>(train: () => Promise<T>): Promise<T | undefined> {
  try {
    return await train();
  } catch (error) {
    if (error instanceof ModelError && error.code === "diverged") return undefined;
    throw error;
  }
}
