// What both embedded networks are trained and measured on: optotypes drawn as they are needed. Seeds keep the sets apart: 1 trains, 2 is
// watched while training, 3 measures, 4 is the set of pictures that lies in the repository.
import { parseAugmentation, type TrainingPictures } from "../../packages/snellen/src/index.ts";
import { openTrainingData } from "../../packages/snellen/src/node/index.ts";

/** As many as stay in memory as bytes, 1 GiB: each is drawn once, whatever the number of epochs. */
export const TRAINED_ON = 80_000;

export const trainingPictures = (count = TRAINED_ON): Promise<TrainingPictures> =>
  openTrainingData(`optotypes:count=${count},seed=1`);
export const watchedPictures = (): Promise<TrainingPictures> =>
  openTrainingData("optotypes:count=1000,seed=2");
export const measuredPictures = (): Promise<TrainingPictures> =>
  openTrainingData("optotypes:count=2000,seed=3");

/** A letter's identity is neither in the order of its colours nor in which of them is bright. */
export const AUGMENTATION = parseAugmentation("channel-shuffle,invert");

/** Options of networks that take these pictures. */
export const picturesOf = (labels: readonly string[]) =>
  ({ classes: labels, size: [64, 64], range: "0..1", mean: [0.5], std: [0.5], resize: "squash" }) as const;
