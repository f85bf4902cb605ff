// snellen reproduce: the papers' experiments on the user's machine, reported as they fall.
import type { Command } from "commander";
import { defaultMeasureIds } from "snellen/registries";
import { withWorkers } from "../corruption-options.ts";
import type { CommandContext, Wrap } from "../main.ts";
import { countOf, type ImageFlags, integerOf, type ModelFlags, withImages, withModel } from "../options.ts";

export interface ReproduceFlags extends ModelFlags, ImageFlags {
  readonly measures?: string;
  readonly limit: number;
  readonly seed: number;
  readonly out: string;
  readonly resume?: boolean;
}

export interface DeadPixelsFlags extends ModelFlags, ImageFlags {
  readonly networks?: string;
  readonly limit: number;
  readonly perturb: number;
  readonly perturbImages: number;
  readonly seed: number;
  readonly out: string;
  readonly resume?: boolean;
}

/** Of the experiments on made networks. */
export interface ExperimentFlags extends ModelFlags, ImageFlags {
  readonly n: number;
  readonly quick?: boolean;
  readonly seed: number;
  readonly out: string;
  readonly resume?: boolean;
}

export interface PreLayerNormExperimentFlags extends ModelFlags, ImageFlags {
  readonly networks?: string;
  readonly n?: number;
  readonly quick?: boolean;
  readonly workers?: number;
  readonly seed: number;
  readonly out: string;
  readonly resume?: boolean;
}

export function defineReproduce(program: Command, wrap: Wrap): void {
  const command = program.command("reproduce").description("the papers' experiments, reported as they fall");
  defineExtendedCam(command, wrap);
  defineDeadPixels(command, wrap);
  defineGroupsExperiment(command, wrap);
  defineGammasExperiment(command, wrap);
  definePreLayerNorm(command, wrap);
}

function defineExtendedCam(command: Command, wrap: Wrap): void {
  withImages(
    withModel(
      command
        .command("extended-cam [model]")
        .description("do Gaussian upsampling, conservation and accuracy hold? (arXiv:2001.05153)"),
    ),
  )
    .option("--measures <ids>", `measure ids between commas (default: ${defaultMeasureIds.join(", ")})`)
    .option("--limit <n>", "images a network, half to choose options, half to report", countOf("limit"), 60)
    .option("--seed <n>", "seed of images, resampling and random-cam", integerOf("seed"), 0)
    .option("--out <folder>", "where extended-cam.md, .html and .json go", "snellen-reproduce")
    .option("--resume", "keep the images that an earlier run with the same settings scored")
    .addHelpText("after", EXTENDED_CAM_HELP)
    .action(wrap(extendedCam));
}

const EXTENDED_CAM_HELP = `
Without a model, the embedded networks run on newly made optotypes, whose masks are known. With a model and --images, whose
annotations.json gives boxes or masks, these are added. A checkout with photographs beside it (../shared/images/coco and
EfficientNet-Lite0 in ../shared/models) runs on them too where no model is given. Exit code 3: done, but some images could not
be used. Takes some minutes a network; --resume goes on from an interruption.`;

async function extendedCam(
  context: CommandContext,
  path: string | undefined,
  flags: ReproduceFlags,
): Promise<number> {
  const { runExtendedCam } = await import("../run-extended-cam.ts");
  return await runExtendedCam(path, flags, context);
}

function defineDeadPixels(command: Command, wrap: Wrap): void {
  withImages(
    withModel(
      command
        .command("dead-pixels [models...]")
        .description("are fields Gaussian, which networks have a checkerboard, what does padding change?"),
    ),
  )
    .option("--networks <file>", "JSON list of networks, each with its images and preprocessing")
    .option("--limit <n>", "at most so many images a network, evenly over those given", countOf("limit"), 200)
    .option("--perturb <pixels>", "pixels to perturb for the check of Theorem 1", countOf("perturb"), 96)
    .option("--perturb-images <n>", "images to perturb them in", countOf("perturb-images"), 32)
    .option("--seed <n>", "seed of images, pixels and resampling", integerOf("seed"), 0)
    .option("--out <folder>", "where dead-pixels.md, .html and .json go", "snellen-reproduce")
    .option("--resume", "keep what an earlier run with the same settings made")
    .addHelpText("after", DEAD_PIXELS_HELP)
    .action(wrap(deadPixels));
}

const DEAD_PIXELS_HELP = `
arXiv:2108.13576. The embedded networks run on newly made optotypes; models with --images are added, and those that --networks
lists: {"networks": [{"model": "a.onnx", "images": ["photos/"], "dataset": "photos", "mean": [0.5], "std": [0.5]}]}, with
further fields named as the flags, and paths relative to the file. Sizes and accuracies are compared within a data set. What
needs training is listed as not measured. Exit code 3: done, but some images could not be read.`;

async function deadPixels(context: CommandContext, paths: string[], flags: DeadPixelsFlags): Promise<number> {
  const { runDeadPixels } = await import("../run-dead-pixels.ts");
  return await runDeadPixels(paths, flags, context);
}

function defineGroupsExperiment(command: Command, wrap: Wrap): void {
  const described = command
    .command("groups [models...]")
    .description("how do groups scale the gradient, and does the advice keep it? (arXiv:2302.03193)");
  withExperiment(described, "groups")
    .addHelpText("after", GROUPS_EXPERIMENT_HELP)
    .action(wrap(groupsExperiment));
}

/** Flags of the experiments on made networks, which take the user's own too. */
const withExperiment = (command: Command, id: string): Command =>
  withImages(withModel(command))
    .option("--n <count>", "of given networks: at most so many images, or Gaussian pictures", countOf("n"), 8)
    .option("--quick", "fewer networks and draws, for a first look")
    .option("--seed <n>", "seed of weights, pictures, gradients and resampling", integerOf("seed"), 0)
    .option("--out <folder>", `where ${id}.md, .html and .json go`, "snellen-reproduce")
    .option("--resume", "keep what an earlier run with the same settings made");

const GROUPS_EXPERIMENT_HELP = `
Untrained networks (MLPs, CNNs, residual blocks) are made and measured: gradient gain against the number of groups by closed form,
simulation and on the graph; over depth; ideal groups by architecture; and the gradient's length over deep networks for the advised
groups and for fixed ones. Models are measured too, on --images or on Gaussian pictures. What needs training is listed as not
measured. Some minutes on two cores, well under one with --quick.
Exit code 3: done, but some images could not be read.`;

async function groupsExperiment(
  context: CommandContext,
  paths: string[],
  flags: ExperimentFlags,
): Promise<number> {
  const { runGroupsExperiment } = await import("../run-groups-experiment.ts");
  return await runGroupsExperiment(paths, flags, context);
}

function defineGammasExperiment(command: Command, wrap: Wrap): void {
  const described = command
    .command("gammas [models...]")
    .description("what do smaller normalization scales do to residual blocks? (arXiv:2205.07260)");
  withExperiment(described, "gammas")
    .addHelpText("after", GAMMAS_EXPERIMENT_HELP)
    .action(wrap(gammasExperiment));
}

const GAMMAS_EXPERIMENT_HELP = `
Untrained ResNets (basic, bottleneck, pre-activation) and transformers (pre- and post-LN) are made and measured: Var(F(x))/Var(x) of
every residual block as the scales of a category shrink, what doubling a scale does to the scores, and whether the gradient of a
scale-invariant one goes as one over its size. The embedded ViT and given models are measured too, on --images or on Gaussian
pictures. What needs training is listed as not measured. Some minutes on two cores, well under one with --quick.
Exit code 3: done, but some images could not be read.`;

async function gammasExperiment(
  context: CommandContext,
  paths: string[],
  flags: ExperimentFlags,
): Promise<number> {
  const { runGammasExperiment } = await import("../run-gammas-experiment.ts");
  return await runGammasExperiment(paths, flags, context);
}

function definePreLayerNorm(command: Command, wrap: Wrap): void {
  const described = withImages(
    withModel(
      command
        .command("prelayernorm [models...]")
        .description(
          "are ViTs robust but for contrast, and what does PreLayerNorm change? (arXiv:2111.08413)",
        ),
    ),
  )
    .option("--networks <file>", "JSON list of networks, each with its images and preprocessing")
    .option("--n <count>", "images a data set (default: 200, with --quick 40)", countOf("n"))
    .option("--quick", "fewer images, for a first look");
  withWorkers(described)
    .option("--seed <n>", "seed of images and corruptions", integerOf("seed"), 0)
    .option("--out <folder>", "where prelayernorm.md, .html and .json go", "snellen-reproduce")
    .option("--resume", "keep what an earlier run with the same settings made")
    .addHelpText("after", PRELAYERNORM_HELP)
    .action(wrap(preLayerNorm));
}

const PRELAYERNORM_HELP = `
The embedded CNN and ViT run on newly made optotypes under ImageNet-C's nineteen corruptions and along contrast enhancement; models
with --images are added, and those that --networks lists: {"networks": [{"model": "vit.onnx", "images": ["photos/"], "dataset": "photos"}]},
with further fields named as the flags, and paths relative to the file. Each network with a positional patch embedding (ViT) is compared
with each other one (CNN) of its data set, and with itself after PreLayerNorm was calibrated on up to 64 other images. What needs
training is listed as not measured. Some five minutes for the embedded networks on two idle cores, one with --quick.
Exit code 3: done, but some images could not be read.`;

async function preLayerNorm(
  context: CommandContext,
  paths: string[],
  flags: PreLayerNormExperimentFlags,
): Promise<number> {
  const { runPreLayerNorm } = await import("../run-prelayernorm-experiment.ts");
  return await runPreLayerNorm(paths, flags, context);
}
