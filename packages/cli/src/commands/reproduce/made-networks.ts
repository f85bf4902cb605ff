// Flags of the experiments on made networks, which take the user's own too.
import type { Command } from "commander";
import { countOf, type ImageFlags, type ModelFlags, withImages, withModel } from "../../options.ts";
import { type PageFlags, withPage } from "./page.ts";
import { type TrainingFlags, withTrainings } from "./training-flags.ts";

export interface ExperimentFlags extends ModelFlags, ImageFlags, PageFlags, TrainingFlags {
  readonly n: number;
  readonly quick?: boolean;
}

export function withExperiment(command: Command, id: string): Command {
  const described = withImages(withModel(command))
    .option("--n <count>", "of given networks: at most so many images, or Gaussian pictures", countOf("n"), 8)
    .option("--quick", "fewer networks, draws and trainings, for a first look");
  return withPage(withTrainings(described), id, "weights, pictures, gradients and resampling");
}
