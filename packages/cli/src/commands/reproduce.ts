// snellen reproduce: the papers' experiments on the user's machine, reported as they fall.
import type { Command } from "commander";
import { defaultMeasureIds } from "snellen/registries";
import type { CommandContext, Wrap } from "../main.ts";
import { countOf, type ImageFlags, integerOf, type ModelFlags, withImages, withModel } from "../options.ts";

export interface ReproduceFlags extends ModelFlags, ImageFlags {
  readonly measures?: string;
  readonly limit: number;
  readonly seed: number;
  readonly out: string;
  readonly resume?: boolean;
}

export function defineReproduce(program: Command, wrap: Wrap): void {
  const command = program.command("reproduce").description("the papers' experiments, reported as they fall");
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
    .addHelpText("after", HELP)
    .action(wrap(extendedCam));
}

const HELP = `
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
