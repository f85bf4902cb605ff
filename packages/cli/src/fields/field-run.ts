// Accumulates R over images for the commands that are about it: keeps where it stands in a file, so that a run that was
// interrupted goes on, and shows progress.
import { readFile, rm } from "node:fs/promises";
import { join } from "node:path";
import {
  decodeProgress,
  encodeProgress,
  evenly,
  type FieldPlan,
  type FieldProgress,
  runFields,
  VERSION,
} from "snellen";
import { ensureFolder, type OpenedModel, type openImages, writeFileAtomic } from "snellen/node";
import { imageVersions, modelVersion } from "../file-version.ts";
import type { CommandContext } from "../main.ts";
import { batchOf } from "../open.ts";
import type { ImageFlags, ModelFlags } from "../options.ts";
import type { Terminal } from "../terminal.ts";

export interface FieldRunFlags extends ModelFlags, ImageFlags {
  readonly n: number;
  readonly tolerance?: number;
  readonly resume?: boolean;
  readonly out: string;
}

type Entries = Awaited<ReturnType<typeof openImages>>["entries"];

export interface FieldRun {
  readonly progress: FieldProgress;
  /** Whether it stopped before the images ended, as R was known well enough. */
  readonly stoppedEarly: boolean;
}

/** Where a run stands, in the folder that it writes to. */
export const PROGRESS_FILE = "progress.state";

/** Milliseconds between two looks at where it stands. */
const KEEP_EVERY = 5000;

/** Takes away what `--resume` would go on from, once all that the command writes is there. */
export const forgetProgress = (folder: string): Promise<void> =>
  rm(join(folder, PROGRESS_FILE), { force: true });

/** Runs until the images end or R is known well enough. It leaves the file that `--resume` goes on from. */
export async function accumulate(
  { model, path, plan, entries, folder }: FieldJob,
  flags: FieldRunFlags,
  { terminal, signal }: CommandContext,
): Promise<FieldRun> {
  await ensureFolder(folder);
  const file = join(folder, PROGRESS_FILE);
  const chosen = evenly(entries, flags.n);
  const settings = await settingsOf({ model, path, plan, entries: chosen, folder }, flags);
  const earlier = flags.resume === true ? await earlierProgress(file, settings, terminal) : undefined;
  let written = performance.now();
  let progress = earlier;
  const keep = async () => {
    if (progress !== undefined && progress.position > 0)
      await writeFileAtomic(file, encodeProgress(progress, settings));
    written = performance.now();
  };
  try {
    progress = await runFields(model, plan, chosen, {
      batch: batchOf(flags),
      tolerance: flags.tolerance,
      progress: earlier,
      signal,
      onSkip: () => undefined,
      onBatch: async (state) => {
        progress = state;
        terminal.progress(`field of ${model.name}`, state.position / chosen.length);
        if (performance.now() - written > KEEP_EVERY) await keep();
      },
    });
  } catch (error) {
    // what went wrong first is what is told, even where the progress cannot be written either
    const isKept = await keep().then(
      () => true,
      () => false,
    );
    if (isKept && progress !== undefined && progress.position > 0)
      terminal.note(`${progress.position} of ${chosen.length} images are kept: go on with --resume.`);
    throw error;
  }
  await keep();
  for (const { reason } of progress.skipped) terminal.warn(`skipped ${reason}`);
  return { progress, stoppedEarly: progress.position < chosen.length };
}

/** Where an earlier run with equal settings stood; people are told why there is nothing to go on from. */
async function earlierProgress(
  file: string,
  settings: string,
  terminal: Terminal,
): Promise<FieldProgress | undefined> {
  const kept = await readFile(file).catch(() => undefined);
  const earlier = kept && decodeProgress(kept, settings);
  if (kept === undefined) terminal.note(`--resume: no ${file} that can be read; all images are run.`);
  else if (earlier === undefined)
    terminal.note(`--resume: ${file} is of a run with other settings; all images are run anew.`);
  return earlier;
}

/** That R of scores is of other classes than people may think. */
export function unlabelledNote({ labelled }: FieldProgress, n: number): string[] {
  return labelled === n
    ? []
    : [`${n - labelled} of ${n} images have no label that the model knows: R is of their predicted class`];
}

export interface FieldJob {
  readonly model: OpenedModel;
  /** The model's file. */
  readonly path: string;
  readonly plan: FieldPlan;
  readonly entries: Entries;
  readonly folder: string;
}

/** What must be equal for sums to be added to. The tolerance only says when to stop. */
async function settingsOf({ model, path, plan, entries }: FieldJob, flags: FieldRunFlags): Promise<string> {
  return JSON.stringify({
    snellen: VERSION,
    model: await modelVersion(path, flags),
    dims: flags.dim,
    scores: model.info.logits.value,
    layers: plan.layers.map(({ value }) => value),
    target: plan.target?.name,
    accumulation: plan.accumulation.id,
    batch: batchOf(flags),
    preprocessing: model.info.preprocessing.spec,
    images: await imageVersions(entries),
  });
}
