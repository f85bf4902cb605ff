// Trains networks with and without padded kernels from the same seeds, on micro-objects and on a data set's classes: how soon a task is
// learned, how well, and L1 of R before and after. Kim et al., arXiv:2108.13576, section 5.
import type { Model } from "@snellen/graph";
import { drawnRecipe } from "../../datasets/drawn-values.ts";
import { microObjects } from "../../datasets/micro-objects.ts";
import { limitPictures } from "../../datasets/pictures/limit-pictures.ts";
import { openRecipe } from "../../datasets/pictures/open-recipe.ts";
import { network } from "../../networks/index.ts";
import { describeModel } from "../../vision-model/describe.ts";
import { piece, type Study } from "../study.ts";
import { type TrainedNetwork, trainNetwork } from "../train-network.ts";
import { remembered } from "../trained-networks.ts";
import {
  chanceOf,
  limitedData,
  optionsFor,
  type TrainingData,
  type TrainingStudy,
  unlessDiverged,
} from "../training-study.ts";
import { scoreUnevenness } from "./score-unevenness.ts";
import { type DeadPixelEffort, LEARNED, paddedNetworks, RECIPES } from "./training-effort.ts";
import type { TrainingRun, TrainingTask } from "./trainings.ts";

export type DeadPixelTraining = TrainingStudy<DeadPixelEffort>;
export type TrainingContext = Pick<Study, "seed" | "signal" | "recall" | "keep" | "onProgress">;

/** One training to be made. */
interface Plan extends Pick<TrainingRun, "network" | "task" | "padded" | "seed" | "epochs"> {
  readonly data: TrainingData;
  readonly build: () => Model;
}

/** Every network, with and without padding, on both tasks and from every seed. @throws what training and measuring throw */
export async function padAndTrain(
  training: DeadPixelTraining,
  study: TrainingContext,
): Promise<TrainingRun[]> {
  const plans = plansOf(training, study.seed);
  const runs: TrainingRun[] = [];
  for (const [i, plan] of plans.entries()) {
    const key = `training ${plan.task} ${plan.network} ${plan.padded ? "padded" : "as it is"} ${plan.seed}`;
    const told = (done: number) => study.onProgress?.("trainings, padded kernels", (i + done) / plans.length);
    runs.push(await piece(study, key, () => trained(plan, training, study.signal, told)));
    told(1);
  }
  return runs;
}

function plansOf({ data, effort }: DeadPixelTraining, seed: number): Plan[] {
  const { tasks } = effort;
  const sets: Readonly<Record<TrainingTask, TrainingData>> = {
    "micro-object": drawnBoxes(effort, seed),
    classification: limitedData(data, tasks.classification, seed),
  };
  return (Object.keys(sets) as TrainingTask[]).flatMap((task) =>
    paddedNetworks.slice(0, effort.networks).flatMap(({ name, id, options }) =>
      Array.from({ length: effort.seeds }, (_, k) => seed * SEEDS_APART + k).flatMap((own) =>
        [false, true].map((padded) => ({
          network: name,
          task,
          padded,
          seed: own,
          epochs: tasks[task].epochs,
          data: sets[task],
          build: () =>
            network(id).build(
              { ...optionsFor(sets[task]), ...options, ...(padded && { paddedKernels: true }) },
              own,
            ),
        })),
      ),
    ),
  );
}

export const SEEDS_APART = 1000;

/** Drawn once, whatever the number of trainings. */
function drawnBoxes({ side, tasks }: DeadPixelEffort, seed: number): TrainingData {
  const split = (of: "train" | "test") =>
    remembered(
      openRecipe(
        drawnRecipe(microObjects, `count=${tasks["micro-object"][of]},size=${side},seed=${seed}`, of),
      ),
    );
  return { train: split("train"), test: split("test") };
}

async function trained(
  { build, data, ...facts }: Plan,
  { bench, effort }: DeadPixelTraining,
  signal: AbortSignal | undefined,
  told: (done: number) => void,
): Promise<TrainingRun> {
  const untrained = build();
  const { seed, task, epochs } = facts;
  const recipe = { ...RECIPES[task], epochs, seed };
  const pictures = limitPictures(data.test, effort.fieldImages, seed);
  const unevenness = (info: TrainedNetwork["info"]) => scoreUnevenness(info, pictures, { bench, signal });
  const L1Before = await unevenness(describeModel(untrained));
  const made = await unlessDiverged(() =>
    trainNetwork(untrained, data, recipe, { ...bench, signal }, { watched: true, onEpoch: told }),
  );
  if (made === undefined) {
    return {
      ...facts,
      learnedAt: null,
      accuracy: chanceOf(data),
      L1Normalized: null,
      L1Before,
      curve: [],
      diverged: true,
    };
  }
  const curve = made.epochs.map(({ validationAccuracy }) => validationAccuracy ?? 0);
  const learned = curve.findIndex((accuracy) => accuracy >= LEARNED);
  return {
    ...facts,
    learnedAt: learned < 0 ? null : learned + 1,
    accuracy: made.accuracy,
    L1Normalized: await unevenness(made.info),
    L1Before,
    curve,
    diverged: false,
  };
}
