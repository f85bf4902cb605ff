// From a model file to one with even kernels: pads, checks that the outputs stayed what they were, and writes model and report.
import { basename, extname } from "node:path";
import { InternalError, loadExternalTensors, type Model } from "@snellen/graph";
import {
  imageDims,
  type KernelChange,
  type KernelLeft,
  kernelConstants,
  type PaddedKernels,
  padKernels,
  pytorchSnippet,
  VERSION,
} from "snellen";
import { openModelGraph, writeFileAtomic, writeModelFile, writeSafetensors } from "snellen/node";
import type { KernelPaddingFlags } from "./commands/fix.ts";
import { compareModels } from "./compare-models.ts";
import type { CommandContext } from "./main.ts";
import { requireOtherFile } from "./other-file.ts";

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
  readonly notes: readonly string[];
}

interface Check {
  /** Inputs that both models ran on. */
  readonly images: number;
  readonly input: "images" | "noise";
  /** Largest difference of the outputs by padded convolutions, in parts of the largest output. */
  readonly maxRelativeDifference: number;
  /** The same with the pooling windows enlarged; null without `--pooling` or anything to enlarge. */
  readonly poolingDifference: number | null;
}

/** Largest relative difference of outputs that counts as rounding: kernels of other sizes sum in another order. */
const TOLERANCE = 1e-5;

/**
 * @throws UsageError `output-is-input`, `output-not-writable`; InternalError where the outputs changed, and then nothing is
 *   written; what opening models and images throws
 */
export async function fixKernelPadding(
  path: string,
  out: string,
  flags: KernelPaddingFlags,
  context: CommandContext,
): Promise<KernelPaddingReport> {
  await requireOtherFile(path, out, "out");
  if (flags.safetensors !== undefined) await requireOtherFile(path, flags.safetensors, "safetensors");
  const file = await openModelGraph(path);
  const dims = {
    ...(flags.size === undefined ? {} : imageDims(file.model, flags.size, flags.input)),
    ...flags.dim,
  };
  const options = { dims, pooling: flags.pooling ?? false };
  const needed = kernelConstants(file.model, options);
  const model = await loadExternalTensors(file.model, file.readExternal, (_, tensor) => needed.has(tensor));
  const padded = padKernels(model, options);
  const report = { version: VERSION, model: basename(path), changes: padded.changes, left: padded.left };
  if (padded.changes.length === 0) return { ...report, files: [], check: null, notes: padded.notes };
  const { check, notes } = await checked({ path, file, model, padded, dims }, flags, context);
  context.signal.throwIfAborted();
  const files = await written(out, padded, flags, file.readExternal);
  const whole = { ...report, files, check, notes: [...padded.notes, ...notes] };
  await writeFileAtomic(whole.files[1] as string, `${JSON.stringify(whole, null, 1)}\n`);
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
): Promise<{ check: Check; notes: string[] }> {
  const hasPooling = padded.changes.some(({ weight }) => weight === null);
  const exact = hasPooling ? padKernels(model, { dims }).model : padded.model;
  const { differences, ...ran } = await compareModels(
    { path, file, dims },
    hasPooling ? [model, exact, padded.model] : [model, exact],
    flags,
    context,
  );
  const [ofKernels, ofPooling] = differences;
  if (ofKernels === undefined || !(ofKernels.relative <= TOLERANCE)) {
    throw new InternalError(
      `output "${ofKernels?.output}" changed by ${ofKernels?.relative} of its largest value; ${TOLERANCE} is rounding.`,
      { where: path, hint: "Nothing was written." },
    );
  }
  const check = {
    images: ran.count,
    input: ran.input,
    maxRelativeDifference: ofKernels.relative,
    poolingDifference: ofPooling?.relative ?? null,
  };
  const notes = [
    ...(ran.input === "noise" ? ["compared on seeded noise; give --images to compare on pictures."] : []),
    ...(ofPooling === undefined
      ? []
      : [
          `enlarged pooling windows change the outputs by up to ${ofPooling.relative.toPrecision(3)} of the largest.`,
        ]),
  ];
  return { check, notes };
}

/** Writes everything but the report: the model's path, then the report's, then the others. */
async function written(
  out: string,
  { model, changes }: PaddedKernels,
  flags: KernelPaddingFlags,
  readExternal: Mended["file"]["readExternal"],
): Promise<string[]> {
  const stem = extname(out) === ".onnx" ? out.slice(0, -".onnx".length) : out;
  const [path = out, ...data] = await writeModelFile(out, model, { readExternal });
  const files = [path, `${stem}.json`, ...data];
  if (flags.snippet === "pytorch") {
    files.push(`${stem}.py`);
    await writeFileAtomic(`${stem}.py`, pytorchSnippet(changes, basename(out)));
  }
  if (flags.safetensors !== undefined) {
    files.push(flags.safetensors);
    await writeSafetensors(flags.safetensors, model.graph.initializers, readExternal);
  }
  return files;
}
