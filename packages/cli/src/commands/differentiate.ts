// snellen differentiate: a model file with gradient outputs that runs in any ONNX Runtime.
import type { Command } from "commander";
import type { CommandContext, Wrap } from "../main.ts";
import { type CommonFlags, choiceOf, dimOf, withCommon } from "../options.ts";
import { EXIT } from "../terminal.ts";

export interface DifferentiateFlags extends CommonFlags {
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
    .option(
      "--seed <kind>",
      "input: the output gradient is an input seed_<of>; ones: a constant",
      choiceOf("seed", ["input", "ones"]),
      "input",
    )
    .option("--dim <name=n...>", "size of an open dimension other than the batch", dimOf)
    .addHelpText("after", DIFFERENTIATE_HELP)
    .action(wrap(differentiate));
}

const DIFFERENTIATE_HELP = `
The result keeps the model's inputs and outputs and adds outputs grad_<wrt> = sum of seed_<of> times d<of>/d<wrt>, of the
shape of <wrt>. seed_<of> has the shape and type of <of>. Gradients are float32 where the model computes in half precision, and
where <wrt> holds integers that stand for real numbers (quantized images).`;

async function differentiate(
  { terminal }: CommandContext,
  path: string,
  flags: DifferentiateFlags,
): Promise<number> {
  const [{ required }, { differentiateFile }] = await Promise.all([
    import("../open.ts"),
    import("../graph/differentiate-file.ts"),
  ]);
  const out = required(flags.out, "out", "grad.onnx");
  const report = await differentiateFile(path, out, flags);
  if (report.note !== null) terminal.note(report.note);
  terminal.result(report, () => {
    const seeds = Object.entries(report.seeds).map(
      ([value, name]) => `  ${name}: output gradient of ${value}`,
    );
    const gradients = Object.entries(report.gradients).map(
      ([value, name]) => `  ${name}: gradient by ${value}`,
    );
    return [`${report.files.join(" and ")} (${report.nodes} nodes)`, ...seeds, ...gradients].join("\n");
  });
  return EXIT.done;
}
