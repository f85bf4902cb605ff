// From a model file to one with even kernels: reads, has it mended and checked, and writes model and report.
import { basename } from "node:path";
import { loadExternalTensors } from "@snellen/graph";
import { type KernelPaddingFacts, kernelConstants, mendKernels, type SkippedPicture, VERSION } from "snellen";
import { openModelGraph } from "snellen/node";
import type { KernelPaddingFlags } from "../commands/fix/kernel-padding.ts";
import type { CommandContext } from "../main.ts";
import { compareBench } from "./compare-bench.ts";
import { mendedFiles, openDims, requireSeparateFiles, writeMended } from "./mended-files.ts";

/** What `--json` prints, and the file beside the new model holds. */
export interface KernelPaddingReport extends KernelPaddingFacts {
  readonly version: string;
  readonly model: string;
  /** What was written; empty where there was nothing to mend. */
  readonly files: readonly string[];
  /** Pictures that the outputs were to be compared on, and that could not be read. */
  readonly skipped: readonly SkippedPicture[];
}

/**
 * @throws UsageError `output-is-input`, `same-output`, `output-not-writable`; what `mendKernels` and opening models and images throw
 */
export async function fixKernelPadding(
  path: string,
  out: string,
  flags: KernelPaddingFlags,
  context: CommandContext,
): Promise<KernelPaddingReport> {
  const { terminal, signal } = context;
  const targets = mendedFiles(out, flags);
  await requireSeparateFiles(path, targets);
  const file = await openModelGraph(path);
  const dims = openDims(file.model, flags);
  const options = { dims, pooling: flags.pooling ?? false };
  const needed = kernelConstants(file.model, options);
  const model = await loadExternalTensors(file.model, file.readExternal, (_, tensor) => needed.has(tensor));
  await using bench = compareBench({ path, file, dims }, flags, context);
  const { report, mended } = await mendKernels(model, {
    ...options,
    bench: bench.open,
    where: path,
    onProgress: (done) => terminal.progress("comparing", done),
  });
  terminal.clear();
  const { skipped, notes } = bench.found();
  for (const { reason } of skipped) terminal.warn(`skipped ${reason}`);
  signal.throwIfAborted();
  return await writeMended(targets, mended, file.readExternal, (files) => ({
    version: VERSION,
    model: basename(path),
    files,
    ...report,
    skipped,
    notes: [...notes, ...report.notes],
  }));
}
