// snellen erf: what a layer sees, as the effective receptive field over a set of images; of several models a table.
import type { Command } from "commander";
import { accumulationIds } from "snellen/registries";
import type { CommandContext, Wrap } from "../main.ts";
import {
  another,
  countOf,
  type ImageFlags,
  type ModelFlags,
  numberOf,
  withImages,
  withModel,
} from "../options.ts";

export interface ErfFlags extends ModelFlags, ImageFlags {
  readonly layer?: string[];
  readonly n: number;
  readonly accumulation: string;
  readonly tolerance?: number;
  readonly resume?: boolean;
  readonly out: string;
}

export function defineErf(program: Command, wrap: Wrap): void {
  withImages(
    withModel(
      program
        .command("erf <model...>")
        .description("effective receptive field: which pixels move the centre of a feature map"),
    ),
  )
    .option(
      "--layer <name>",
      "auto, all (the ends of blocks), or a value, a node or a part of either; given again, several in one pass (default: auto)",
      another,
    )
    .option("--n <count>", "at most so many images, evenly over those given", countOf("n"), 1000)
    .option("--accumulation <id>", accumulationIds.join(" or "), "dead-pixels")
    .option(
      "--tolerance <share>",
      "stop once the relative standard error of every field is at most this, such as 0.05",
      numberOf("tolerance", { above: 0 }, 0.05),
    )
    .option("--resume", "go on where an interrupted run with the same settings stood")
    .option("--out <folder>", "where fields, pictures and erf.json go", "snellen-erf")
    .addHelpText("after", ERF_HELP)
    .action(wrap(runErf));
}

const ERF_HELP = `
Algorithm 1 of arXiv:2108.13576: for each image the gradient of the layer's central cell (mean over channels) with respect to
the pixels, mean over colours, rectified; R is the mean over images. --accumulation replknet sums over channels
and colours, as arXiv:2203.06717's script.
Writes of each field:
  erf.npy          float32 [H, W], R as accumulated
  erf.png          R, the fitted Gaussian at 1 and 2 σ (solid), the theoretical field (dashed)
  erf-log.png      log10(R + 1), R in RepLKNet's unit, as its pictures
  profile.svg      mean of R by distance from the centre, and the Gaussian's
  convergence.svg  relative standard error by number of images
  erf.json         sigmaX, sigmaY, r2, theoretical size, stride and start, area ratios, profile, convergence, …
With several layers or models: a folder each, and erf.json with all of them; with several models also R of their scores (L1),
accuracy where images have labels, erf.csv, and the correlation of size and accuracy.
A fit that does not settle is said, with the picture kept. Exit code 3: done, but some images could not be read.`;

async function runErf(context: CommandContext, paths: string[], flags: ErfFlags): Promise<number> {
  const { writeFields } = await import("../fields/write-fields.ts");
  return await writeFields(paths, flags, context);
}
