// Runs `snellen fix prelayernorm`: reads model and pictures, has the patches normalized and measured, and writes model and report.
import { basename } from "node:path";
import { UsageError } from "@snellen/graph";
import { mendPatches, type PreLayerNormFacts, type SkippedPicture, skipReason, VERSION } from "snellen";
import { openModelGraph } from "snellen/node";
import type { PreLayerNormFlags } from "../commands/fix/prelayernorm.ts";
import type { CommandContext } from "../main.ts";
import { measuredImages } from "../measured-images.ts";
import { batchOf, openFileWithFlags } from "../open.ts";
import { openCorruptor } from "../robustness/open-corruptor.ts";
import { saidBefore } from "../terminal.ts";
import { mendedFiles, requireSeparateFiles, writeMended } from "./mended-files.ts";

/** What `--json` prints, and the file beside the new model holds. */
export interface PreLayerNormReport extends PreLayerNormFacts {
  readonly version: string;
  readonly model: string;
  /** What was written; empty where the model is normalized already. */
  readonly files: readonly string[];
  readonly skipped: readonly SkippedPicture[];
}

/**
 * @throws UsageError as `snellen fix kernel-padding`, `needs-images`; what `mendPatches` and opening models and images throw
 */
export async function fixPreLayerNorm(
  path: string,
  out: string,
  flags: PreLayerNormFlags,
  { terminal, signal }: CommandContext,
): Promise<PreLayerNormReport> {
  const targets = mendedFiles(out, flags);
  await requireSeparateFiles(path, targets);
  const file = await openModelGraph(path);
  await using model = await openFileWithFlags(file, flags, terminal);
  await using corruptor = openCorruptor(flags, undefined);
  const again = saidBefore(terminal);
  let skipped: readonly SkippedPicture[] = [];
  const { report, mended } = await mendPatches(model, {
    mode: flags.mode,
    batch: batchOf(flags),
    corruptor,
    signal,
    images: async () => {
      requireImages(flags);
      const read = await measuredImages(model, { ...flags, seed: 0 }, terminal);
      skipped = read.skipped;
      return read.images;
    },
    reopen: (changed) => openFileWithFlags({ ...file, model: changed }, flags, again),
    onSkip: (picture) => terminal.warn(`not measured: ${skipReason(picture)}`),
    onProgress: (step, done) => terminal.progress(step, done),
  });
  signal.throwIfAborted();
  return await writeMended(targets, mended, file.readExternal, (files) => ({
    version: VERSION,
    model: basename(path),
    files,
    ...report,
    skipped,
  }));
}

/** @throws UsageError `needs-images` */
function requireImages({ images }: PreLayerNormFlags): void {
  if (images !== undefined) return;
  throw new UsageError("needs-images", "calibration needs pictures as the network is to see them.", {
    where: "--images",
    hint: "Write --images photos/.",
  });
}
