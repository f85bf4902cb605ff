// The pictures that an experiment's trainings run on: those of --data, or what is at hand.
import { UsageError } from "@snellen/graph";
import { splitPictures, type TrainingData, type TrainingStudy } from "snellen";
import { createNodeRuntime, openTrainingData } from "snellen/node";
import type { TrainingFlags } from "../commands/reproduce/training-flags.ts";
import type { ModelFlags } from "../options.ts";
import type { Terminal } from "../terminal.ts";

/** Where Fashion-MNIST is not installed. */
const DRAWN_DATA = "optotypes:size=32,count=20000";
const USUAL_DATA = "fashion-mnist";

/**
 * Both splits of a set; undefined with --no-train.
 * @throws what opening --data throws
 */
export async function openExperimentData(
  { data, train }: TrainingFlags,
  terminal: Terminal,
): Promise<TrainingData | undefined> {
  if (train === false) return undefined;
  if (data !== undefined) return await bothSplits(data);
  try {
    return await bothSplits(USUAL_DATA);
  } catch (error) {
    if (!(error instanceof UsageError && error.code === "dataset-not-found")) throw error;
    terminal.note(
      `${USUAL_DATA} is not installed: trainings run on ${DRAWN_DATA}; --data names another set.`,
    );
    return await bothSplits(DRAWN_DATA);
  }
}

/** Of a set that has no test pictures of its own, such as a folder. */
const TEST_SHARE = 0.2;

async function bothSplits(spec: string): Promise<TrainingData> {
  const [train, test] = (await Promise.all(
    (["train", "test"] as const).map((split) => openTrainingData(spec, { split })),
  )) as [TrainingData["train"], TrainingData["test"]];
  return train.version === test.version ? splitPictures(train, TEST_SHARE, 0) : { train, test };
}

/** What decides the numbers of trainings; a journal of others is not gone on from. */
export const trainingSettings = (training: TrainingStudy<object> | undefined): object | null =>
  training === undefined
    ? null
    : { effort: training.effort, data: [training.data.train.version, training.data.test.version] };

/** Such small networks gain nothing from a second thread. */
export const sessionOf = ({ threads = 1, device }: Pick<ModelFlags, "threads" | "device">) => ({
  threads,
  device: device as never,
});

/** The trainings of an experiment; undefined with --no-train. @throws what opening --data throws */
export async function openTrainingStudy<E>(
  flags: TrainingFlags & Pick<ModelFlags, "threads" | "device">,
  effort: E,
  terminal: Terminal,
): Promise<TrainingStudy<E> | undefined> {
  const data = await openExperimentData(flags, terminal);
  return data && { bench: { runtime: createNodeRuntime(), session: sessionOf(flags) }, data, effort };
}
