// snellen reproduce prelayernorm: flags and help.
import type { Command } from "commander";
import type { CommandContext, Wrap } from "../../main.ts";
import { countOf, type ImageFlags, type ModelFlags, withImages, withModel } from "../../options.ts";
import { withWorkers } from "../../robustness/corruption-options.ts";
import { type PageFlags, withNetworks, withPage } from "./page.ts";
import { type TrainingFlags, withTrainings } from "./training-flags.ts";

export interface PreLayerNormExperimentFlags extends ModelFlags, ImageFlags, PageFlags, TrainingFlags {
  readonly networks?: string;
  readonly n?: number;
  readonly quick?: boolean;
  readonly workers?: number;
}

export function definePreLayerNormExperiment(reproduce: Command, wrap: Wrap): void {
  const described = withImages(
    withModel(
      reproduce
        .command("prelayernorm [models...]")
        .description(
          "are ViTs robust but for contrast, and what does PreLayerNorm change? (arXiv:2111.08413)",
        ),
    ),
  );
  withTrainings(withNetworks(described))
    .option("--n <count>", "images a data set (default: 200, with --quick 40)", countOf("n"))
    .option("--quick", "fewer images, fewer and shorter trainings, for a first look");
  withPage(withWorkers(described), "prelayernorm", "images, corruptions, weights and order of trainings")
    .addHelpText("after", HELP)
    .action(wrap(preLayerNorm));
}

const HELP = `
The embedded CNN and ViT run on newly made optotypes under ImageNet-C's nineteen corruptions and along contrast enhancement; models
with --images are added, and those that --networks lists: {"networks": [{"model": "vit.onnx", "images": ["photos/"], "dataset": "photos"}]},
with further fields named as the flags, and paths relative to the file. Each network with a positional patch embedding (ViT) is compared
with each other one (CNN) of its data set, and with itself after PreLayerNorm was calibrated on up to 64 other images.

Then small transformers with and without PreLayerNorm, and a CNN, are trained alike on --data and measured in the same way. Some 30
minutes of one core in all, four with --quick; --resume goes on from an interruption, --no-train leaves trainings out.
Exit code 3: done, but some images could not be read.`;

async function preLayerNorm(
  context: CommandContext,
  paths: string[],
  flags: PreLayerNormExperimentFlags,
): Promise<number> {
  const { runPreLayerNorm } = await import("../../experiments/run-prelayernorm.ts");
  return await runPreLayerNorm(paths, flags, context);
}
