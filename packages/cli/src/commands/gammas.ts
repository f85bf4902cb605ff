// snellen gammas: which normalization scales L2 regularization should shrink, by a model's graph and by what it does to images.
import type { Command } from "commander";
import { guidelineLines } from "snellen/registries";
import type { CommandContext, Wrap } from "../main.ts";
import { choiceOf, countOf, type ImageFlags, type ModelFlags, withImages, withModel } from "../options.ts";

const GAMMA_FORMATS = ["table", "json", "csv", "pytorch", "timm"] as const;

export interface GammaFlags extends ModelFlags, ImageFlags {
  readonly n: number;
  readonly parameters?: string;
  readonly format: (typeof GAMMA_FORMATS)[number];
  readonly out?: string;
}

export function defineGammas(program: Command, wrap: Wrap): void {
  withImages(
    withModel(
      program
        .command("gammas <model>")
        .description("which normalization scales weight decay should shrink (arXiv:2205.07260)"),
    ),
  )
    .option("--n <count>", "at most so many images, evenly over those given", countOf("n"), 8)
    .option(
      "--parameters <file>",
      "names and shapes of the training code's parameters, to name scales by: JSON or .safetensors",
    )
    .option("--format <name>", GAMMA_FORMATS.join(", "), choiceOf("format", GAMMA_FORMATS), "table")
    .option(
      "--out <folder>",
      "also write gammas.json, gammas.csv, gammas.py and, of images, variance-ratios.svg there",
    )
    .addHelpText("after", help())
    .action(wrap(runGammas));
}

const help = (): string => `
Examples: snellen gammas resnet50.onnx --images photos --out gammas
          snellen gammas resnet50.onnx --images photos --format pytorch > param_groups.py
          snellen gammas vit.onnx --parameters vit.safetensors --format timm > param_groups.py

Each scale γ of a normalization, and each layer scale, is in one of four categories, by where its output goes in the graph:

  ${guidelineLines().join("\n  ")}

With --images the rules are put to the test: each γ is doubled with its β (‖y(2γ) - y‖ / ‖y‖ of the scores; near 0 proves that a
normalization takes it off again), and of each residual block Var(F(x)) / Var(x) is measured. What a rule does not bear out is said
at the end. Pictures of noise would be no evidence for variances, so that without --images the rules stand alone.
A rule agrees where a γ that should not count moves the scores by at most 5 % (75 % where activations or gates are on the way), and
one that should by at least 1 %; else it is contradicted; it stays untold where a branch is silent or nothing comes through.

γ has the name that the file gives it, or one found by its module. To be sure, give the training code's own, in their order:
  json.dump({k: list(v.shape) for k, v in model.named_parameters()}, open("names.json", "w"))
pytorch and timm are Python code with the groups for an optimizer: γ by the plan, other parameters as practice has it.`;

async function runGammas(context: CommandContext, path: string, flags: GammaFlags): Promise<number> {
  const [{ openWithFlags }, { readTraining, writeGammas }] = await Promise.all([
    import("../open.ts"),
    import("../normalization/write-gammas.ts"),
  ]);
  const training = await readTraining(flags);
  await using model = await openWithFlags(path, flags, context.terminal);
  return await writeGammas(model, { path, training }, flags, context);
}
