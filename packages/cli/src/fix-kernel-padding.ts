// From a model file to one with even kernels: pads, checks that the outputs stayed what they were, and writes model and report.
import { basename } from "node:path";
import { InternalError, loadExternalTensors, type Model, ModelError } from "@snellen/graph";
import {
  type KernelChange,
  type KernelLeft,
  kernelConstants,
  type PaddedKernels,
  padKernels,
  pytorchSnippet,
  VERSION,
} from "snellen";
import { openModelGraph, writeFileAtomic } from "snellen/node";
import type { KernelPaddingFlags } from "./commands/fix/kernel-padding.ts";
import { type Comparison, compareOutputs } from "./compare-outputs.ts";
import type { CommandContext } from "./main.ts";
import { mendedFiles, openDims, requireSeparateFiles, writeMended } from "./mended-files.ts";
import type { SkippedPicture } from "./open.ts";

/** What `--json` prints, and the file beside the new model holds. */
export interface KernelPaddingReport {
  readonly version: string;
  readonly model: string;
  /** What was written; empty where there was nothing to mend. */
  readonly files: readonly string[];
  readonly changes: readonly KernelChange[];
  readonly left: readonly KernelLeft[];
  /** Null where there was nothing to mend. */
  readonly check: Check | null;
  /** Pictures that the outputs were to be compared on, and that could not be read. */
  readonly skipped: readonly SkippedPicture[];
  readonly notes: readonly string[];
}

interface Check {
  /** Inputs that both models ran on. */
  readonly images: number;
  readonly input: "images" | "noise";
  /** Largest difference of the outputs by padded convolutions, in parts of the largest output. */
  readonly maxRelativeDifference: number;
  /** The same with the pooling windows enlarged; null without `--pooling` or anything to enlarge, and where no number says it. */
  readonly poolingDifference: number | null;
  /** What enlarged pooling did to an output that no number says, such as to make it NaN; else null. */
  readonly poolingProblem: string | null;
}

/** Largest relative difference of outputs that counts as rounding: kernels of other sizes sum in another order. */
const TOLERANCE = 1e-5;

/**
 * @throws UsageError `output-is-input`, `same-output`, `output-not-writable`; ModelError `nothing-to-compare` where outputs hold no
 *   finite number; InternalError where the outputs changed, and then nothing is written; what opening models and images throws
 */
export async function fixKernelPadding(
  path: string,
  out: string,
  flags: KernelPaddingFlags,
  context: CommandContext,
): Promise<KernelPaddingReport> {
  const targets = mendedFiles(out, flags);
  await requireSeparateFiles(path, targets);
  const file = await openModelGraph(path);
  const dims = openDims(file.model, flags);
  const options = { dims, pooling: flags.pooling ?? false };
  const needed = kernelConstants(file.model, options);
  const model = await loadExternalTensors(file.model, file.readExternal, (_, tensor) => needed.has(tensor));
  const padded = padKernels(model, options);
  const report = { version: VERSION, model: basename(path), changes: padded.changes, left: padded.left };
  if (padded.changes.length === 0)
    return { ...report, files: [], check: null, skipped: [], notes: padded.notes };
  const { check, skipped, notes } = await checked({ path, file, model, padded, dims }, flags, context);
  context.signal.throwIfAborted();
  const snippet = (name: string) => pytorchSnippet(padded.changes, name);
  const files = await writeMended(targets, padded.model, snippet, file.readExternal);
  const whole = { ...report, files, check, skipped, notes: [...padded.notes, ...notes] };
  await writeFileAtomic(targets.report, `${JSON.stringify(whole, null, 1)}\n`);
  return whole;
}

interface Mended {
  readonly path: string;
  readonly file: Awaited<ReturnType<typeof openModelGraph>>;
  readonly model: Model;
  readonly padded: PaddedKernels;
  readonly dims: Readonly<Record<string, number>>;
}

/** Runs the models before and after; enlarged pooling is measured, not judged. */
async function checked(
  { path, file, model, padded, dims }: Mended,
  flags: KernelPaddingFlags,
  context: CommandContext,
): Promise<Pick<KernelPaddingReport, "skipped" | "notes"> & { readonly check: Check }> {
  const hasPooling = padded.changes.some(({ weight }) => weight === null);
  const exact = hasPooling ? padKernels(model, { dims }).model : padded.model;
  const compared = await compareOutputs(
    { path, file, dims },
    hasPooling ? [model, exact, padded.model] : [model, exact],
    flags,
    context,
  );
  const { relative } = requireSame(compared, path);
  const pooling = compared.differences[1];
  const check = {
    images: compared.count,
    input: compared.input,
    maxRelativeDifference: relative,
    poolingDifference: pooling !== undefined && pooling.reason === undefined ? pooling.relative : null,
    poolingProblem: pooling?.reason === undefined ? null : `output "${pooling.output}" ${pooling.reason}`,
  };
  for (const { reason } of compared.skipped) context.terminal.warn(`skipped ${reason}`);
  return { check, skipped: compared.skipped, notes: notesOf(compared) };
}

/** The difference that padded convolutions make. */
function requireSame({ differences: [found], input }: Comparison, path: string): Difference {
  if (found === undefined) throw new InternalError("two models were run and not compared", { where: path });
  if (Number.isNaN(found.relative)) {
    throw new ModelError(
      "nothing-to-compare",
      `output "${found.output}" ${found.reason} on ${input === "noise" ? "seeded noise" : "these pictures"}, so nothing shows that outputs stay.`,
      { where: path, hint: `Give ${input === "noise" ? "" : "other "}pictures with --images.` },
    );
  }
  if (found.relative <= TOLERANCE) return found;
  const change =
    found.reason ?? `changed by ${found.relative} of its largest value; ${TOLERANCE} is rounding`;
  throw new InternalError(`output "${found.output}" ${change}.`, {
    where: path,
    hint: "Nothing was written.",
  });
}

type Difference = Comparison["differences"][number];

function notesOf({ differences: [kernels, pooling], input, count, given, skipped }: Comparison): string[] {
  const notes: string[] = [];
  if (input === "noise") notes.push("compared on seeded noise; give --images to compare on pictures.");
  else if (count < given)
    notes.push(
      `compared on ${count} of ${given} pictures${skipped.length === 0 ? ", evenly over the list" : ""}.`,
    );
  for (const output of kernels?.uncompared ?? [])
    notes.push(`output "${output}" holds no finite number and was not compared.`);
  if (pooling === undefined) return notes;
  const change =
    pooling.reason === undefined
      ? `change the outputs by up to ${pooling.relative.toPrecision(3)} of the largest`
      : `change the outputs: output "${pooling.output}" ${pooling.reason}`;
  return [...notes, `enlarged pooling windows ${change}.`];
}
