// snellen reproduce dead-pixels: flags and help.
import type { Command } from "commander";
import type { CommandContext, Wrap } from "../../main.ts";
import { countOf, type ImageFlags, type ModelFlags, withImages, withModel } from "../../options.ts";
import { type PageFlags, withNetworks, withPage } from "./page.ts";
import { type TrainingFlags, withTrainings } from "./training-flags.ts";

export interface DeadPixelsFlags extends ModelFlags, ImageFlags, PageFlags, TrainingFlags {
  readonly networks?: string;
  readonly quick?: boolean;
  readonly limit: number;
  readonly perturb: number;
  readonly perturbImages: number;
}

export function defineDeadPixels(reproduce: Command, wrap: Wrap): void {
  const described = withImages(
    withModel(
      reproduce
        .command("dead-pixels [models...]")
        .description("are fields Gaussian, which networks have a checkerboard, what does padding change?"),
    ),
  );
  withTrainings(withNetworks(described))
    .option("--quick", "fewer and shorter trainings, for a first look")
    .option("--limit <n>", "at most so many images a network, evenly over those given", countOf("limit"), 200)
    .option("--perturb <pixels>", "pixels to perturb for the check of Theorem 1", countOf("perturb"), 96)
    .option("--perturb-images <n>", "images to perturb them in", countOf("perturb-images"), 32);
  withPage(described, "dead-pixels", "images, pixels, resampling, weights and order of trainings")
    .addHelpText("after", HELP)
    .action(wrap(deadPixels));
}

const HELP = `
arXiv:2108.13576. The embedded networks run on newly made optotypes; models with --images are added, and those that --networks
lists: {"networks": [{"model": "a.onnx", "images": ["photos/"], "dataset": "photos", "mean": [0.5], "std": [0.5]}]}, with
further fields named as the flags, and paths relative to the file. Sizes and accuracies are compared within a data set.

Then small networks are trained with and without padded kernels, on drawn pictures with a box of 8 × 8 pixels, black or red, and on
the classes of --data; and a family of networks whose fields differ in size. That takes
some 25 minutes of one core, three with --quick; --resume goes on from an interruption, --no-train leaves it out.
Exit code 3: done, but some images could not be read.`;

async function deadPixels(context: CommandContext, paths: string[], flags: DeadPixelsFlags): Promise<number> {
  const { runDeadPixels } = await import("../../experiments/run-dead-pixels.ts");
  return await runDeadPixels(paths, flags, context);
}
