// snellen differentiate: a model file with gradient outputs that runs in any ONNX Runtime.
import { isFloating, UsageError } from "@snellen/graph";
import type { Command } from "commander";
import type { Wrap } from "../main.ts";
import { required } from "../open.ts";
import { type CommonFlags, dimOf, withCommon } from "../options.ts";
import { createTerminal, EXIT } from "../terminal.ts";

interface Flags extends CommonFlags {
  readonly out?: string;
  readonly of?: string[];
  readonly wrt?: string[];
  readonly seed: "input" | "ones";
  readonly dim?: Record<string, number>;
}

export function defineDifferentiate(program: Command, wrap: Wrap): void {
  withCommon(
    program
      .command("differentiate <model>")
      .description("write the model with gradient outputs (standard operators only)"),
  )
    .option("-o, --out <file>", "where the new model goes")
    .option("--of <value...>", "values to differentiate (default: the first floating output)")
    .option(
      "--wrt <value...>",
      "values to differentiate by: inputs, weights, any value (default: every floating input)",
    )
    .option("--seed <kind>", "input: the output gradient is an input seed_<of>; ones: a constant", "input")
    .option("--dim <name=n...>", "size of an open dimension other than the batch", dimOf, {})
    .addHelpText(
      "after",
      "\nThe result keeps the model's outputs and adds grad_<wrt> = sum of seed_<of> times d<of>/d<wrt>.",
    )
    .action(wrap(differentiateFile));
}

async function differentiateFile(_signal: AbortSignal, path: string, flags: Flags): Promise<number> {
  const terminal = createTerminal(flags);
  const out = required(flags.out, "out", "grad.onnx");
  if (flags.seed !== "input" && flags.seed !== "ones") {
    throw new UsageError("bad-seed", `unknown seed "${flags.seed}".`, {
      where: "--seed",
      hint: "Write --seed input or --seed ones.",
    });
  }
  const [{ openModelFile, writeModelFile }, { canonicalize, dataTypeOf }, { differentiate }] =
    await Promise.all([import("snellen/node"), import("@snellen/graph"), import("@snellen/autodiff")]);
  const { model: original } = await openModelFile(path);
  const { model, shapes } = canonicalize(original, { dims: flags.dim ?? {} });
  const floating = (name: string): boolean => isFloating(dataTypeOf(shapes, name));
  const of =
    flags.of ??
    model.graph.outputs
      .map((v) => v.name)
      .filter(floating)
      .slice(0, 1);
  const wrt = flags.wrt ?? model.graph.inputs.map((v) => v.name).filter(floating);
  if (of.length === 0)
    throw new UsageError("no-floating-output", "the model has no floating-point output.", {
      where: path,
      hint: "Name a value with --of.",
    });
  if (wrt.length === 0)
    throw new UsageError("no-floating-input", "the model has no floating-point input.", {
      where: path,
      hint: "Name a value with --wrt.",
    });
  const result = differentiate(model, shapes, { of, wrt, seed: flags.seed });
  await writeModelFile(out, result.model);
  const report = {
    file: out,
    of,
    wrt,
    seeds: Object.fromEntries(result.seeds),
    gradients: Object.fromEntries(result.gradients),
    nodes: result.model.graph.nodes.length,
  };
  terminal.result(report, () => {
    const seeds = [...result.seeds].map(([value, name]) => `  ${name}: output gradient of ${value}`);
    const gradients = [...result.gradients].map(([value, name]) => `  ${name}: gradient by ${value}`);
    return [`${out} (${report.nodes} nodes)`, ...seeds, ...gradients].join("\n");
  });
  return EXIT.done;
}
