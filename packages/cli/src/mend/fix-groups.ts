// Runs `snellen fix groups`: reads model and images, has the numbers of groups advised, changed and measured again, and writes model
// and report.
import { basename } from "node:path";
import { type GroupsFacts, mendGroups, VERSION } from "snellen";
import { openModelGraph } from "snellen/node";
import type { FixGroupsFlags } from "../commands/fix/groups.ts";
import type { CommandContext } from "../main.ts";
import { type MeasuredImages, measuredImages } from "../measured-images.ts";
import { adviceOptions } from "../normalization/advice-options.ts";
import { openFileWithFlags } from "../open.ts";
import { saidBefore } from "../terminal.ts";
import { compareBench } from "./compare-bench.ts";
import { mendedFiles, openDims, requireSeparateFiles, writeMended } from "./mended-files.ts";

/** What `--json` prints, and the file beside the new model holds. */
export interface GroupsReport extends GroupsFacts {
  readonly version: string;
  readonly model: string;
  /** What was written; empty where there was nothing to mend. */
  readonly files: readonly string[];
  readonly skipped: MeasuredImages["skipped"];
}

/**
 * @throws UsageError as `snellen fix kernel-padding`; what `mendGroups` and opening models and images throw
 */
export async function fixGroups(
  path: string,
  out: string,
  flags: FixGroupsFlags,
  context: CommandContext,
): Promise<GroupsReport> {
  const { terminal, signal } = context;
  const targets = mendedFiles(out, flags);
  await requireSeparateFiles(path, targets);
  const file = await openModelGraph(path);
  await using model = await openFileWithFlags(file, flags, terminal);
  const images = await measuredImages(model, flags, terminal);
  const again = { ...context, terminal: saidBefore(terminal) };
  await using bench = compareBench({ path, file, dims: openDims(file.model, flags) }, flags, again);
  const { report, mended } = await mendGroups(model, images, {
    ...adviceOptions(flags, context),
    bench: bench.open,
    reopen: (changed) => openFileWithFlags({ ...file, model: changed }, flags, again.terminal),
  });
  terminal.clear();
  signal.throwIfAborted();
  return await writeMended(targets, mended, file.readExternal, (files) => ({
    version: VERSION,
    model: basename(path),
    files,
    ...report,
    skipped: images.skipped,
  }));
}
