// snellen reproduce extended-cam: flags and help.
import type { Command } from "commander";
import { defaultMeasureIds } from "snellen/registries";
import type { CommandContext, Wrap } from "../../main.ts";
import { countOf, type ImageFlags, type ModelFlags, withImages, withModel } from "../../options.ts";
import { type PageFlags, withPage } from "./page.ts";

export interface ExtendedCamFlags extends ModelFlags, ImageFlags, PageFlags {
  readonly measures?: string;
  readonly limit?: number;
  readonly quick?: boolean;
}

export function defineExtendedCam(reproduce: Command, wrap: Wrap): void {
  const described = withImages(
    withModel(
      reproduce
        .command("extended-cam [model]")
        .description("do Gaussian upsampling, conservation and accuracy hold? (arXiv:2001.05153)"),
    ),
  )
    .option("--measures <ids>", `measure ids between commas (default: ${defaultMeasureIds.join(", ")})`)
    .option(
      "--limit <n>",
      "images a network, half to choose options, half to report (default: 60, with --quick 6)",
      countOf("limit"),
    )
    .option("--quick", "fewer images, for a first look");
  withPage(described, "extended-cam", "images, resampling and random-cam")
    .addHelpText("after", HELP)
    .action(wrap(extendedCam));
}

const HELP = `
Without a model, the embedded networks run on newly made optotypes, whose masks are known. With a model and --images, whose
annotations.json gives boxes or masks, these are added. A checkout with photographs beside it (../shared/images/coco and
EfficientNet-Lite0 in ../shared/models) runs on them too where no model is given. Exit code 3: done, but some images could not
be used. Takes some minutes a network, one or two with --quick; --resume goes on from an interruption.`;

async function extendedCam(
  context: CommandContext,
  path: string | undefined,
  flags: ExtendedCamFlags,
): Promise<number> {
  const { runExtendedCam } = await import("../../experiments/run-extended-cam.ts");
  return await runExtendedCam(path, flags, context);
}
