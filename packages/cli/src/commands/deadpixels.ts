// snellen deadpixels: which pixels the network hardly looks at, and which layers do that.
import type { Command } from "commander";
import type { CommandContext, Wrap } from "../main.ts";
import {
  countOf,
  type ImageFlags,
  integerFrom,
  type ModelFlags,
  numberOf,
  seedOf,
  withImages,
  withModel,
} from "../options.ts";

export interface DeadPixelFlags extends ModelFlags, ImageFlags {
  readonly target?: string;
  readonly n: number;
  readonly tolerance?: number;
  readonly resume?: boolean;
  readonly perturb: number;
  readonly perturbImages: number;
  readonly epsilon?: number;
  readonly seed: number;
  readonly out: string;
}

export function defineDeadPixels(program: Command, wrap: Wrap): void {
  withImages(
    withModel(
      program
        .command("deadpixels <model>")
        .description(
          "dead pixel test: pixels that the scores hardly depend on, and the layers that cause it",
        ),
    ),
  )
    .option(
      "--target <class>",
      "class whose score it is: label, top1, an index or a name (default: label, top1 where there is none)",
    )
    .option("--n <count>", "at most so many images, evenly over those given", countOf("n"), 1000)
    .option(
      "--tolerance <share>",
      "stop once the relative standard error of R is at most this, such as 0.05",
      numberOf("tolerance", { above: 0 }, 0.05),
    )
    .option("--resume", "go on where an interrupted run with the same settings stood")
    .option(
      "--perturb <pixels>",
      "pixels to perturb for the check of Theorem 1; 0: none",
      integerFrom("perturb", 0),
      64,
    )
    .option("--perturb-images <count>", "images to perturb them in", countOf("perturb-images"), 16)
    .option(
      "--epsilon <value>",
      "what is added to a pixel, in the network's units (default: a hundredth of what its pixels span)",
      numberOf("epsilon", { above: 0 }, 0.05),
    )
    .option("--seed <n>", "seed of the pixels drawn", seedOf, 0)
    .option("--out <folder>", "where pictures and erf.json go", "snellen-deadpixels")
    .addHelpText("after", DEAD_PIXEL_HELP)
    .action(wrap(runDeadPixels));
}

const DEAD_PIXEL_HELP = `
The dead pixel test of arXiv:2108.13576: R of the score (mean over images of the rectified gradient, mean over colours) should
be alike in neighbouring pixels. Odd kernels with even strides make it a checkerboard of strong and weak pixels.
Writes:
  erf.npy           float32 [H, W], R of the score
  erf.png           R, and its upper left corner enlarged
  perturbation.svg  change of the score by R, one point a perturbed pixel
  convergence.svg   relative standard error by number of images
  erf.json          L1, L2 (raw, and over the mean of R), phaseMaps, weakShare, peaks, offenders, perturbation
The check of Theorem 1 perturbs pixels one at a time: change = slope · R; slope is 1 where no gradient is negative, 2 where
signs are even. "snellen fix kernel-padding" mends the layers that can be. Exit code 3: done, but some images could not be read.`;

async function runDeadPixels(context: CommandContext, path: string, flags: DeadPixelFlags): Promise<number> {
  const [{ openWithFlags, required }, { writeDeadPixels }] = await Promise.all([
    import("../open.ts"),
    import("../fields/write-dead-pixels.ts"),
  ]);
  required(flags.images, "images", "photos/");
  await using model = await openWithFlags(path, flags, context.terminal);
  return await writeDeadPixels(model, path, flags, context);
}
