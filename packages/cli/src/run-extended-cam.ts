// Runs `snellen reproduce extended-cam` and writes its page.
import { join } from "node:path";
import {
  defaultMeasures,
  documentHtml,
  documentMarkdown,
  extendedCamDocument,
  type Measure,
  measure,
  reproduceExtendedCam,
  type StudyRow,
} from "snellen";
import { ensureFolder, type OpenedModel, writeFileAtomic } from "snellen/node";
import type { ReproduceFlags } from "./commands/reproduce.ts";
import { type OpenedTrial, openTrials } from "./extended-cam-trials.ts";
import { openJournal } from "./journal.ts";
import type { CommandContext } from "./main.ts";
import { idsOf } from "./options.ts";
import { EXIT } from "./terminal.ts";

export async function runExtendedCam(
  path: string | undefined,
  flags: ReproduceFlags,
  context: CommandContext,
): Promise<number> {
  const models: OpenedModel[] = [];
  try {
    return await experiment(path, flags, context, models);
  } finally {
    for (const model of models) await model[Symbol.asyncDispose]();
  }
}

/** @param models gets every model that is opened, for the caller to dispose of */
async function experiment(
  path: string | undefined,
  flags: ReproduceFlags,
  { terminal, signal }: CommandContext,
  models: OpenedModel[],
): Promise<number> {
  const measures = flags.measures === undefined ? defaultMeasures : idsOf(flags.measures).map(measure);
  const { all: trials, readMask } = await openTrials(path, flags, terminal, models);
  await ensureFolder(flags.out);
  const journal = await openJournal<{ key: string; rows: readonly StudyRow[] }>(
    join(flags.out, "extended-cam.jsonl"),
    settingsOf(trials, measures, flags),
    flags.resume === true,
  );
  if (journal.earlier === undefined)
    terminal.note(`--resume: the journal in ${flags.out} is of other settings; all is made anew.`);
  const known = new Map((journal.earlier ?? []).map(({ key, rows }) => [key, rows]));
  const result = await reproduceExtendedCam(trials, {
    readMask,
    seed: flags.seed,
    measures,
    signal,
    recall: (key) => known.get(key),
    keep: (key, rows) => journal.add({ key, rows }),
    onProgress: (step, done) => terminal.progress(step, done),
  });
  const document = extendedCamDocument(result);
  const write = (ending: string, text: string) =>
    writeFileAtomic(join(flags.out, `extended-cam.${ending}`), text);
  await write("json", `${JSON.stringify(result, null, 1)}\n`);
  await write("md", documentMarkdown(document));
  await write("html", await documentHtml(document));
  const skipped = result.trials.flatMap((trial) => trial.skipped);
  for (const { reason } of skipped) terminal.warn(`skipped ${reason}`);
  terminal.result(result, () =>
    [...(document.sections[0]?.text ?? []), `page: ${join(flags.out, "extended-cam.html")}`].join("\n"),
  );
  return skipped.length > 0 ? EXIT.someSkipped : EXIT.done;
}

/** What decides the scores; a journal of others is not gone on from. */
const settingsOf = (
  trials: readonly OpenedTrial[],
  measures: readonly Measure[],
  { seed }: ReproduceFlags,
): object => ({
  seed,
  measures: measures.map(({ id }) => id),
  models: trials.map(({ model: { name, info }, version, annotations }) => ({
    name,
    version,
    annotations,
    scores: info.logits.value,
    preprocessing: info.preprocessing,
  })),
});
