// snellen cam: heat maps of a folder of images, as pictures and as numbers.
import type { Command } from "commander";
import { camMethodIds, upsamplingIds } from "snellen/registries";
import type { Wrap } from "../main.ts";
import { openWithFlags, required } from "../open.ts";
import { type ImageFlags, type ModelFlags, numberOf, withImages, withModel } from "../options.ts";
import { createTerminal } from "../terminal.ts";

export interface CamFlags extends ModelFlags, ImageFlags {
  readonly method: string;
  readonly layer: string;
  readonly target: string;
  readonly upsampling: string;
  readonly sigma?: number;
  readonly out: string;
  readonly opacity: number;
}

export function defineCam(program: Command, wrap: Wrap): void {
  withImages(withModel(program.command("cam <model>").description("heat maps: where a score came from")))
    .option("--method <ids>", `one or more of ${camMethodIds.join(", ")}, between commas`, "grad-cam")
    .option("--layer <name>", "feature layer: value, node, or a part of either", "auto")
    .option("--target <what>", "top1, label, or a class index or name", "top1")
    .option("--upsampling <id>", upsamplingIds.join(", "), "bilinear")
    .option("--sigma <n>", "width of Gaussian kernels in cell spacings", numberOf("sigma"))
    .option("--out <folder>", "where pictures, maps and manifest.json go", "snellen-cam")
    .option(
      "--opacity <share>",
      "opacity of the strongest value on the picture, 0 to 1",
      numberOf("opacity"),
      0.75,
    )
    .addHelpText("after", CAM_HELP)
    .action(wrap(cam));
}

const CAM_HELP = `
Writes per image and method:
  <image>__<method>.png        the map over the picture that the network saw
  <image>__<method>.npy        float32 [H, W], unscaled
  <image>__<method>.cells.npy  float32 [h, w], before rectification and upsampling
  manifest.json                score, sum, conservation error, files
Exit code 3: done, but some images could not be read (listed in the manifest).`;

async function cam(signal: AbortSignal, path: string, flags: CamFlags): Promise<number> {
  const images = required(flags.images, "images", "photos/");
  const terminal = createTerminal(flags);
  const { writeCams } = await import("../write-cams.ts");
  await using model = await openWithFlags(path, flags);
  return await writeCams(model, images, flags, terminal, signal);
}
