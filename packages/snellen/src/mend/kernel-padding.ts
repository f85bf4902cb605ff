// Kernel padding from a graph to a mended one, with a check that the outputs stayed what they were.
// Kim et al., arXiv:2108.13576, section 6; the check is derived here.
import { InternalError, type Model, ModelError } from "@snellen/graph";
import {
  type KernelChange,
  type KernelLeft,
  type PadKernelsOptions,
  padKernels,
} from "../receptive-field/kernel-padding/kernel-padding.ts";
import { pytorchSnippet } from "../receptive-field/kernel-padding/pytorch-snippet.ts";
import { type Bench, type Comparison, compareOutputs } from "./compare-outputs.ts";
import type { Mending } from "./mending.ts";

/** What `mendKernels` changed and left, and how the outputs compare. Plain data. */
export interface KernelPaddingFacts {
  readonly changes: readonly KernelChange[];
  readonly left: readonly KernelLeft[];
  /** Null where there was nothing to mend. */
  readonly check: OutputCheck | null;
  readonly notes: readonly string[];
}

export interface OutputCheck {
  /** Inputs that both models ran on. */
  readonly images: number;
  readonly input: Bench["input"];
  /** Largest difference of the outputs by padded convolutions, in parts of the largest output. */
  readonly maxRelativeDifference: number;
  /** The same with the pooling windows enlarged; null without `pooling` or anything to enlarge, and where no number says it. */
  readonly poolingDifference: number | null;
  /** What enlarged pooling did to an output that no number says, such as to make it NaN; else null. */
  readonly poolingProblem: string | null;
}

/** Largest relative difference of outputs that counts as rounding: kernels of other sizes sum in another order. */
const TOLERANCE = 1e-5;

/** What kernel padding takes, and what the result is compared on. */
export interface MendKernelsOptions extends PadKernelsOptions {
  /** What both models run on; made when it is needed. */
  readonly bench: () => Promise<Bench> | Bench;
  readonly onProgress?: (done: number) => void;
  /** What errors call the model: its path. */
  readonly where?: string;
}

/**
 * Pads kernels (`padKernels`) and runs both models to see that outputs stay: within 1e-5 of the largest, which is rounding. What
 * enlarged pooling changes is measured, not judged.
 * @param model the file's own graph; the tensors that `kernelConstants` names are in memory
 * @returns without a model where there is nothing to pad
 * @throws ModelError `nothing-to-compare` where outputs hold no finite number; InternalError where the outputs changed
 */
export async function mendKernels(
  model: Model,
  { bench, onProgress, where, ...options }: MendKernelsOptions,
): Promise<Mending<KernelPaddingFacts>> {
  const padded = padKernels(model, options);
  const { changes, left, notes } = padded;
  if (changes.length === 0) return { report: { changes, left, check: null, notes }, mended: undefined };
  const hasPooling = changes.some(({ weight }) => weight === null);
  const exact = hasPooling ? padKernels(model, { ...options, pooling: false }).model : padded.model;
  const models = hasPooling ? [model, exact, padded.model] : [model, exact];
  const compared = await compareOutputs(await bench(), models, onProgress);
  const check = checkOf(compared, where);
  return {
    report: { changes, left, check, notes: [...notes, ...notesOf(compared)] },
    mended: { model: padded.model, snippet: (name) => pytorchSnippet(changes, name) },
  };
}

/** Enlarged pooling is measured, not judged. */
function checkOf(compared: Comparison, where: string | undefined): OutputCheck {
  const { relative } = requireSame(compared, where);
  const pooling = compared.differences[1];
  return {
    images: compared.count,
    input: compared.input,
    maxRelativeDifference: relative,
    poolingDifference: pooling !== undefined && pooling.reason === undefined ? pooling.relative : null,
    poolingProblem: pooling?.reason === undefined ? null : `output "${pooling.output}" ${pooling.reason}`,
  };
}

/** The difference that padded convolutions make. */
function requireSame(
  { differences: [found], input }: Comparison,
  where: string | undefined,
): Comparison["differences"][number] {
  if (found === undefined) throw new InternalError("two models were run and not compared", { where });
  if (Number.isNaN(found.relative)) {
    throw new ModelError(
      "nothing-to-compare",
      `output "${found.output}" ${found.reason} on ${input === "noise" ? "seeded noise" : "these pictures"}, so nothing shows that outputs stay.`,
      { where, hint: `Give ${input === "noise" ? "" : "other "}pictures with --images.` },
    );
  }
  if (found.relative <= TOLERANCE) return found;
  const change =
    found.reason ?? `changed by ${found.relative} of its largest value; ${TOLERANCE} is rounding`;
  throw new InternalError(`output "${found.output}" ${change}.`, { where, hint: "Nothing was written." });
}

function notesOf({ differences: [kernels, pooling] }: Comparison): string[] {
  const notes = (kernels?.uncompared ?? []).map(
    (output) => `output "${output}" holds no finite number and was not compared.`,
  );
  if (pooling === undefined) return notes;
  const change =
    pooling.reason === undefined
      ? `change the outputs by up to ${pooling.relative.toPrecision(3)} of the largest`
      : `change the outputs: output "${pooling.output}" ${pooling.reason}`;
  return [...notes, `enlarged pooling windows ${change}.`];
}
