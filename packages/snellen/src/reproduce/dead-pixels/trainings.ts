// The claims on dead pixels that only trainings can test, and the form in which trainings hand over what they gave: pairs of
// the same network, with and without padded kernels, from the same seed. Kim et al., arXiv:2108.13576, section 5.
import { type PairedDifference, pairedDifference } from "../../cam/measures/statistics.ts";
import { trainingPairs } from "../paired-trainings.ts";

export type TrainingTask = "micro-object" | "classification";

/** One training. */
export interface TrainingRun {
  readonly network: string;
  /** A box of 8×8 pixels, black or red, at a random place; or a data set's own classes. */
  readonly task: TrainingTask;
  readonly padded: boolean;
  /** Of the weights and the order of images; both of a pair share it. */
  readonly seed: number;
  readonly epochs: number;
  /** Epoch, from 1, after which the task counted as learned; null where it never did. */
  readonly learnedAt: number | null;
  /** On the test images after the last epoch, 0 to 1; of chance where it diverged. */
  readonly accuracy: number;
  /** L1 of the trained network's R of the score, over its mean; null where it was not measured. */
  readonly L1Normalized: number | null;
  /** The same before training. */
  readonly L1Before: number | null;
  /** Accuracy on the test images after each epoch; empty where it diverged. */
  readonly curve: readonly number[];
  /** Whether its loss stopped being finite. */
  readonly diverged: boolean;
}

export interface TrainingClaim {
  readonly id: string;
  readonly title: string;
  /** What is lower in padded networks, if the claim holds. */
  readonly measure: (run: TrainingRun) => number | undefined;
  readonly unit: string;
  readonly task: TrainingTask;
}

/** The claims on dead pixels that only trainings can test, each with the number that is compared. */
export const trainingClaims: readonly TrainingClaim[] = [
  {
    id: "micro-object",
    title:
      "networks with padded kernels learn the micro-object task sooner (the paper's: by 13 to 18 epochs)",
    // a network that never learned it took at least as long as it was trained
    measure: ({ learnedAt, epochs }) => learnedAt ?? epochs,
    unit: "epochs until learned",
    task: "micro-object",
  },
  {
    id: "classification",
    title: "padding costs accuracy (the paper's: about 1 %) in general classification",
    measure: ({ accuracy }) => accuracy,
    unit: "accuracy",
    task: "classification",
  },
  ...(["micro-object", "classification"] as const).map((task) => ({
    id: task === "classification" ? "trained-l1" : "trained-l1-micro-object",
    title: `L1 of padded networks is lower after training${task === "classification" ? "" : " on micro-objects"}`,
    measure: ({ L1Normalized }: TrainingRun) => L1Normalized ?? undefined,
    unit: "L1 over the mean",
    task,
  })),
];

/** Padded minus not padded, over pairs of one network, task and seed; a count of 0 where there are none. */
export function trainingDifference(
  { task, measure }: Pick<TrainingClaim, "task" | "measure">,
  runs: readonly TrainingRun[],
  seed: number,
): PairedDifference {
  const own = runs.filter((run) => run.task === task);
  const pairs = trainingPairs(
    own.filter(({ padded }) => padded),
    own.filter(({ padded }) => !padded),
    measure,
  );
  return pairedDifference(
    pairs.map(([padded]) => padded),
    pairs.map(([, plain]) => plain),
    { seed },
  );
}
