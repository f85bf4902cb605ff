// Runs `snellen reproduce extended-cam` and writes its page.
import {
  defaultMeasures,
  extendedCamDocument,
  type Measure,
  measure,
  reproduceExtendedCam,
  type StudyRow,
} from "snellen";
import type { OpenedModel } from "snellen/node";
import type { ExtendedCamFlags } from "../commands/reproduce/extended-cam.ts";
import { imageVersions } from "../file-version.ts";
import type { CommandContext } from "../main.ts";
import { idsOf } from "../options.ts";
import { EXIT } from "../terminal.ts";
import { experimentJournal } from "./experiment-journal.ts";
import { writeExperiment } from "./experiment-study.ts";
import { type LimitedFlags, type OpenedTrial, openTrials } from "./extended-cam-trials.ts";

const ID = "extended-cam";
/** A network, without --limit. */
const IMAGES = { full: 60, quick: 6 };

/** What a line of the journal holds: the scores of one image. */
interface Line {
  readonly key: string;
  readonly rows: readonly StudyRow[];
}

export async function runExtendedCam(
  path: string | undefined,
  flags: ExtendedCamFlags,
  context: CommandContext,
): Promise<number> {
  const models: OpenedModel[] = [];
  try {
    const { limit = IMAGES[flags.quick === true ? "quick" : "full"] } = flags;
    return await experiment(path, { ...flags, limit }, context, models);
  } finally {
    for (const model of models) await model[Symbol.asyncDispose]();
  }
}

/** @param models gets every model that is opened, for the caller to dispose of */
async function experiment(
  path: string | undefined,
  flags: LimitedFlags,
  { terminal, signal }: CommandContext,
  models: OpenedModel[],
): Promise<number> {
  const measures = flags.measures === undefined ? defaultMeasures : idsOf(flags.measures).map(measure);
  const { all: trials, readMask } = await openTrials(path, flags, terminal, models);
  const settings = await settingsOf(trials, measures, flags);
  const { earlier, add } = await experimentJournal<Line>(ID, settings, flags, terminal);
  const known = new Map(earlier.map(({ key, rows }) => [key, rows]));
  const result = await reproduceExtendedCam(trials, {
    readMask,
    seed: flags.seed,
    measures,
    signal,
    recall: (key) => known.get(key),
    keep: (key, rows) => add({ key, rows }),
    onProgress: (step, done) => terminal.progress(step, done),
  });
  const skipped = result.trials.flatMap((trial) => trial.skipped);
  for (const { reason } of skipped) terminal.warn(`skipped ${reason}`);
  await writeExperiment(ID, result, { page: extendedCamDocument(result) }, flags, { terminal });
  return skipped.length > 0 ? EXIT.someSkipped : EXIT.done;
}

/** What decides the scores; a journal of others is not gone on from. */
const settingsOf = async (
  trials: readonly OpenedTrial[],
  measures: readonly Measure[],
  { seed }: ExtendedCamFlags,
): Promise<object> => ({
  seed,
  measures: measures.map(({ id }) => id),
  models: await Promise.all(
    trials.map(async ({ model: { name, info }, version, annotations, entries }) => ({
      name,
      version,
      annotations,
      scores: info.logits.value,
      preprocessing: info.preprocessing,
      images: await imageVersions(entries),
    })),
  ),
});
