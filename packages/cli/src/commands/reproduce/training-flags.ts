// Flags of experiments that train networks.
import type { Command } from "commander";

export interface TrainingFlags {
  readonly data?: string;
  /** False: leave trainings out. */
  readonly train?: boolean;
}

export const withTrainings = (command: Command): Command =>
  command
    .option(
      "--data <set>",
      "what networks are trained on: a data set, as snellen train takes it (default: fashion-mnist where installed, else drawn letters)",
    )
    .option("--no-train", "leave out trainings, and with them what only they can tell");
