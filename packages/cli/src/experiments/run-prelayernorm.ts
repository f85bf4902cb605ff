// Runs `snellen reproduce prelayernorm` and writes its page.
import {
  PRELAYERNORM_EFFORTS,
  type PreLayerNormEffort,
  type PreLayerNormExperiment,
  preLayerNormDocument,
  reproducePreLayerNorm,
  selectCorruptions,
  type TrainingStudy,
} from "snellen";
import type { OpenedModel } from "snellen/node";
import type { PreLayerNormExperimentFlags } from "../commands/reproduce/prelayernorm.ts";
import { imageVersions } from "../file-version.ts";
import type { CommandContext } from "../main.ts";
import { openCorruptor } from "../robustness/open-corruptor.ts";
import { EXIT } from "../terminal.ts";
import { openTrainingStudy, trainingSettings } from "./experiment-data.ts";
import { keyedJournal } from "./experiment-journal.ts";
import { withoutPlots, writeExperiment } from "./experiment-study.ts";
import { type OpenedPreLayerNormTrial, openPreLayerNormTrials } from "./prelayernorm-trials.ts";

const ID = "prelayernorm";
/** Images a data set. */
const IMAGES = { full: 200, quick: 40 };
/** ImageNet-C's nineteen, and the scale of colours, which the paper is about. */
const CORRUPTIONS = ["all", "contrast_enhancement", "colour_scale"];

/** @param corruptions ids and names of sets */
export async function runPreLayerNorm(
  paths: readonly string[],
  flags: PreLayerNormExperimentFlags,
  context: CommandContext,
  corruptions: readonly string[] = CORRUPTIONS,
  effort: PreLayerNormEffort = PRELAYERNORM_EFFORTS[flags.quick === true ? "quick" : "full"],
): Promise<number> {
  const n = flags.n ?? IMAGES[flags.quick === true ? "quick" : "full"];
  const ids = selectCorruptions(corruptions).map(({ id }) => id);
  const models: OpenedModel[] = [];
  try {
    const trials = await openPreLayerNormTrials(paths, flags, n, context.terminal, models);
    const training = await openTrainingStudy(flags, effort, context.terminal);
    const result = await experiment({ trials, training, corruptions: ids }, flags, context);
    return await written(result, flags, context);
  } finally {
    for (const model of models) await model[Symbol.asyncDispose]();
  }
}

interface Opened {
  readonly trials: readonly OpenedPreLayerNormTrial[];
  readonly training: TrainingStudy<PreLayerNormEffort> | undefined;
  readonly corruptions: readonly string[];
}

async function experiment(
  { trials, training, corruptions }: Opened,
  flags: PreLayerNormExperimentFlags,
  context: CommandContext,
): Promise<PreLayerNormExperiment> {
  const settings = {
    ...(await settingsOf(trials, corruptions, flags)),
    trainings: trainingSettings(training),
  };
  const kept = await keyedJournal(ID, settings, flags, context.terminal);
  await using corruptor = openCorruptor(flags, undefined);
  return await reproducePreLayerNorm(trials, {
    ...kept,
    seed: flags.seed,
    corruptions,
    corruptor,
    ...(training && { training }),
    batch: flags.batch,
    signal: context.signal,
    onProgress: (step, done) => context.terminal.progress(step, done),
  });
}

/** What decides the numbers; a journal of others is not gone on from. */
const settingsOf = async (
  trials: readonly OpenedPreLayerNormTrial[],
  corruptions: readonly string[],
  { seed }: PreLayerNormExperimentFlags,
): Promise<object> => ({
  seed,
  corruptions,
  networks: await Promise.all(
    trials.map(async ({ name, dataset, version, labels, model: { info }, entries, calibration }) => ({
      name,
      dataset,
      version,
      labels,
      scores: info.logits.value,
      preprocessing: info.preprocessing.spec,
      images: await imageVersions(entries),
      calibration: await imageVersions(calibration),
    })),
  ),
});

async function written(
  result: PreLayerNormExperiment,
  flags: PreLayerNormExperimentFlags,
  { terminal }: CommandContext,
): Promise<number> {
  const skipped = result.datasets.flatMap((dataset) => dataset.skipped);
  for (const { reason } of skipped) terminal.warn(`skipped ${reason}`);
  for (const { name, reason } of result.datasets.flatMap(({ refused }) => refused))
    terminal.warn(`${name}: not measured, as ${reason}`);
  const page = preLayerNormDocument(result);
  await writeExperiment(ID, result, { page, text: withoutPlots(page, ID) }, flags, { terminal });
  return skipped.length > 0 ? EXIT.someSkipped : EXIT.done;
}
