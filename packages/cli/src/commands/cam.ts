// snellen cam: heat maps of a folder of images, as pictures and as numbers.
import type { Command } from "commander";
import { camMethodIds, upsamplingIds } from "snellen/registries";
import type { CommandContext, Wrap } from "../main.ts";
import { type ImageFlags, type ModelFlags, numberOf, withImages, withModel } from "../options.ts";

export interface CamFlags extends ModelFlags, ImageFlags {
  readonly method: string;
  readonly layer: string;
  readonly target: string;
  readonly upsampling: string;
  readonly sigma?: number;
  readonly out: string;
  readonly opacity: number;
  readonly resume?: boolean;
}

export function defineCam(program: Command, wrap: Wrap): void {
  const opacity = numberOf("opacity", { from: 0, to: 1 }, 0.75);
  const sigma = numberOf("sigma", { above: 0 }, 0.5);
  withImages(withModel(program.command("cam <model>").description("heat maps: where a score came from")))
    .option("--method <ids>", `one or more of ${camMethodIds.join(", ")}, between commas`, "grad-cam")
    .option(
      "--layer <name>",
      "feature layer: value, node, or a part of either (the last that has it)",
      "auto",
    )
    .option("--target <what>", "top1, label (the image's own), or a class index or name", "top1")
    .option("--upsampling <id>", upsamplingIds.join(", "), "bilinear")
    .option("--sigma <n>", "width of Gaussian kernels in cell spacings (default: 0.5)", sigma)
    .option("--out <folder>", "where pictures, maps and manifest.json go", "snellen-cam")
    .option("--opacity <share>", "opacity of the strongest value on the picture, 0 to 1", opacity, 0.75)
    .option("--resume", "keep maps that an earlier run with the same settings wrote")
    .addHelpText("after", CAM_HELP)
    .action(wrap(cam));
}

const CAM_HELP = `
Writes per image and method:
  <image>__<method>.png        the map over the picture that the network saw
  <image>__<method>.npy        float32 [H, W], unscaled
  <image>__<method>.cells.npy  float32 [h, w], before rectification and upsampling
  manifest.json                per map: score, sum, conservation error, files
Images of one name in several folders get ~2, ~3, … behind it; manifest.json tells which is which.
Exit code 3: done, but some images could not be read (listed in the manifest).`;

async function cam(context: CommandContext, path: string, flags: CamFlags): Promise<number> {
  const [{ openWithFlags, required }, { writeCams }] = await Promise.all([
    import("../open.ts"),
    import("../write-cams.ts"),
  ]);
  const images = required(flags.images, "images", "photos/");
  await using model = await openWithFlags(path, flags, context.terminal);
  return await writeCams(model, images, flags, context);
}
