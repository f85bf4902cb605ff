// From a model file to a model file with gradient outputs: chooses what to differentiate, and writes the result.
import { differentiate } from "@snellen/autodiff";
import {
  canonicalize,
  closest,
  dataTypeOf,
  isFloating,
  type Model,
  raisePrecision,
  type Shapes,
  UsageError,
} from "@snellen/graph";
import { requireKnown } from "snellen";
import { openModelGraph, writeModelFile } from "snellen/node";
import type { DifferentiateFlags } from "../commands/differentiate.ts";
import { requireOtherFile } from "../other-file.ts";

/** What `snellen differentiate --json` prints. */
export interface DifferentiateReport {
  readonly files: readonly string[];
  readonly of: readonly string[];
  readonly wrt: readonly string[];
  /** Differentiated value → its seed input; empty with `--seed ones`. */
  readonly seeds: Readonly<Record<string, string>>;
  /** Value → the output that holds its gradient. */
  readonly gradients: Readonly<Record<string, string>>;
  readonly nodes: number;
  /** What was chosen for want of floating values; null where nothing was. */
  readonly note: string | null;
}

export async function differentiateFile(
  path: string,
  out: string,
  flags: DifferentiateFlags,
): Promise<DifferentiateReport> {
  const file = await openModelGraph(path);
  await requireOtherFile(path, out, "out");
  const raised = raisePrecision(file.model, { signature: "kept" });
  const { model, shapes } = canonicalize(raised, { dims: flags.dim ?? {} });
  const chosen = choose(model, shapes, flags, path);
  const result = differentiate(model, shapes, { of: chosen.of, wrt: chosen.wrt, seed: flags.seed });
  const files = await writeModelFile(out, result.model, { readExternal: file.readExternal });
  return {
    files,
    of: chosen.of,
    wrt: chosen.wrt,
    seeds: Object.fromEntries(result.seeds),
    gradients: Object.fromEntries(result.gradients),
    nodes: result.model.graph.nodes.length,
    note: chosen.note,
  };
}

interface Choice {
  readonly of: readonly string[];
  readonly wrt: readonly string[];
  readonly note: string | null;
}

/** The values named, or the first floating output by every floating input. */
function choose(model: Model, shapes: Shapes, flags: DifferentiateFlags, path: string): Choice {
  const floating = (name: string): boolean => isFloating(dataTypeOf(shapes, name));
  for (const [flag, names] of [
    ["of", flags.of],
    ["wrt", flags.wrt],
  ] as const)
    for (const name of names ?? []) requireValue(model, shapes, flag, name);
  const outputs = model.graph.outputs.map((v) => v.name);
  for (const name of flags.of ?? outputs) requireKnown(model, shapes, name);
  const inputs = model.graph.inputs.map((v) => v.name).filter((name) => !model.graph.initializers.has(name));
  const notes: string[] = [];
  const fallback = <T>(found: T, what: string): T => {
    notes.push(what);
    return found;
  };
  const [first] = outputs.filter(floating);
  const beforeQuantized = quantizedValue(model, outputs).filter(floating);
  const of =
    flags.of ??
    (first === undefined
      ? fallback(
          beforeQuantized,
          `no output is floating-point: took ${beforeQuantized.join(", ")}, which is quantized to one`,
        )
      : [first]);
  const byFloating = inputs.filter(floating);
  const wrt =
    flags.wrt ??
    (byFloating.length === 0
      ? fallback(inputs, `no input is floating-point: took ${inputs.join(", ")} as real numbers`)
      : byFloating);
  if (of.length === 0) throw nothingFloating("output", "of", path);
  if (wrt.length === 0) throw nothingFloating("input", "wrt", path);
  return { of, wrt, note: notes.length > 0 ? `${notes.join("; ")}.` : null };
}

/** The value that the first quantized output was made from. */
function quantizedValue(model: Model, outputs: readonly string[]): string[] {
  const node = model.graph.nodes.find(
    (n) => n.opType === "QuantizeLinear" && outputs.includes(n.outputs[0] ?? ""),
  );
  return node === undefined ? [] : [node.inputs[0] as string];
}

function requireValue(model: Model, shapes: Shapes, flag: string, name: string): void {
  if (dataTypeOf(shapes, name) !== undefined) return;
  const names = [...model.graph.nodes.flatMap((n) => n.outputs), ...model.graph.inputs.map((v) => v.name)];
  throw new UsageError("unknown-value", `the canonical graph has no value "${name}" of known shape.`, {
    where: `--${flag}`,
    hint: `Did you mean "${closest(name, names)}"? List them: snellen inspect <model> --graph.`,
  });
}

const nothingFloating = (what: string, flag: string, path: string): UsageError =>
  new UsageError(`no-floating-${what}`, `the model has no floating-point ${what}.`, {
    where: path,
    hint: `Name a value with --${flag}.`,
  });
