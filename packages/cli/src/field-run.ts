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
  type SkippedImage,
} from "snellen";
import { ensureFolder, type OpenedModel, type openImages, writeFileAtomic } from "snellen/node";
import { modelVersion } from "./file-version.ts";
import type { CommandContext } from "./main.ts";
import { batchOf } from "./open.ts";
import type { ImageFlags, ModelFlags } from "./options.ts";

export interface FieldRunFlags extends ModelFlags, ImageFlags {
  readonly n: number;
  readonly tolerance?: number;
  readonly resume?: boolean;
  readonly out: string;
}

type Entries = Awaited<ReturnType<typeof openImages>>["entries"];

export interface FieldRun {
  readonly progress: FieldProgress;
  /** How many images were to be read. */
  readonly asked: number;
  readonly skipped: readonly SkippedImage[];
}

/** Where a run stands, in the folder that it writes to. */
const STATE = "progress.state";

/** Milliseconds between two looks at where it stands. */
const KEEP_EVERY = 5000;

/** Takes away what `--resume` would go on from, once all that the command writes is there. */
export const forgetProgress = (folder: string): Promise<void> => rm(join(folder, STATE), { force: true });

/** Runs until the images end or R is known well enough. It leaves the file that `--resume` goes on from. */
export async function accumulate(
  { model, path, plan, entries, folder }: FieldJob,
  flags: FieldRunFlags,
  { terminal, signal }: CommandContext,
): Promise<FieldRun> {
  await ensureFolder(folder);
  const file = join(folder, STATE);
  const chosen = evenly(entries, flags.n);
  const settings = await settingsOf({ model, path, plan, entries: chosen, folder }, flags);
  const kept = flags.resume === true ? await readFile(file).catch(() => undefined) : undefined;
  const earlier = kept && decodeProgress(kept, settings);
  if (kept !== undefined && earlier === undefined)
    terminal.note(`--resume: ${file} is of a run with other settings; all images are run anew.`);
  const skipped: SkippedImage[] = [];
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
      onSkip: (image) => skipped.push(image),
      onBatch: async (state) => {
        progress = state;
        terminal.progress(`field of ${model.name}`, state.position / chosen.length);
        if (performance.now() - written > KEEP_EVERY) await keep();
      },
    });
  } catch (error) {
    await keep();
    if (progress !== undefined && progress.position > 0)
      terminal.note(`${progress.position} of ${chosen.length} images are kept: go on with --resume.`);
    throw error;
  }
  await keep();
  return { progress, asked: chosen.length, skipped };
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
    model: await modelVersion(path, flags),
    scores: model.info.logits.value,
    layers: plan.layers.map(({ value }) => value),
    target: plan.target?.name,
    accumulation: plan.accumulation.id,
    batch: batchOf(flags),
    preprocessing: model.info.preprocessing.spec,
    images: entries.map(({ source, label }) => [source, label?.classIndex, label?.className]),
  });
}
