// snellen cam: heat maps of a folder of images, as pictures and as numbers.
import type { Command } from "commander";
import { camMethodIds, colorMapIds, scaleIds, targetKinds } from "snellen/registries";
import type { PictureFlags } from "../cam/cam-pictures.ts";
import { sigmaOption, upsamplingOption } from "../cam/upsampling-options.ts";
import type { CommandContext, Wrap } from "../main.ts";
import {
  another,
  choiceOf,
  type ImageFlags,
  type ModelFlags,
  numberOf,
  seedOf,
  withImages,
  withModel,
} from "../options.ts";
import { EXIT } from "../terminal.ts";

export interface CamFlags extends ModelFlags, ImageFlags, PictureFlags {
  readonly method: string;
  readonly layer?: string[];
  readonly target?: string[];
  readonly upsampling: string;
  readonly sigma: string;
  readonly out: string;
  readonly sheet?: boolean;
  readonly resume?: boolean;
  readonly export?: string;
  readonly augSmooth?: boolean;
  readonly eigenSmooth?: boolean;
  readonly remainder: "spread" | "none";
  readonly head: "gradient" | "homogeneous";
  readonly seed: number;
}

export function defineCam(program: Command, wrap: Wrap): void {
  const opacity = numberOf("opacity", { from: 0, to: 1 }, 0.75);
  withImages(withModel(program.command("cam <model>").description("heat maps: where a score came from")))
    .option("--method <ids>", `one or more of ${camMethodIds.join(", ")}, between commas`, "grad-cam")
    .option(
      "--layer <name>",
      "feature layer: value, node, or a part of either (the last that has it); given again, maps are averaged (default: auto)",
      another,
    )
    .option("--target <what>", "what to explain, see below; given again, a map each (default: top1)", another)
    .addOption(upsamplingOption)
    .addOption(sigmaOption)
    .option(
      "--aug-smooth",
      "mean over six versions of each image, mirrored, darker and brighter; takes six times as long",
    )
    .option("--eigen-smooth", "principal component of the contributions instead of their sum")
    .option(
      "--remainder <how>",
      "what Extended-CAM does with the part of the score that has no position: spread or none",
      choiceOf("remainder", ["spread", "none"]),
      "spread",
    )
    .option(
      "--head <how>",
      "how Extended-CAM differentiates what lies behind the layer: gradient, or homogeneous (attention weights, gates and deviations held fixed)",
      choiceOf("head", ["gradient", "homogeneous"]),
      "homogeneous",
    )
    .option("--seed <n>", "seed of random-cam", seedOf, 0)
    .option("--out <folder>", "where pictures, maps and manifest.json go", "snellen-cam")
    .option("--opacity <share>", "opacity of the strongest value on the picture, 0 to 1", opacity, 0.75)
    .option(
      "--scale <id>",
      `what full colour stands for: ${scaleIds.join(", ")}; conservative is a fixed share of the score, so that pictures compare`,
      "conservative",
    )
    .option("--color-map <id>", `${colorMapIds.join(", ")} (default: cividis; sunset with --signed)`)
    .option("--signed", "show evidence against the target too, in the colours' other half")
    .option("--contour", "draw lines at 25, 50 and 75 % of full colour")
    .option("--sheet", "write contact sheets too: images by methods with their numbers, sheet-1.png, …")
    .option("--resume", "keep maps that an earlier run with the same settings wrote")
    .option("--export <file>", "write the model with its heat maps as outputs, see below; needs no images")
    .addHelpText("after", `${TARGET_HELP}${CAM_HELP}`)
    .action(wrap(cam));
}

const WIDEST = Math.max(...targetKinds.map(({ syntax }) => syntax.length));

const TARGET_HELP = `
Targets (--target); a class is an index, a name, top1, rank<k> or label in all of them:
${targetKinds.map(({ syntax, summary }) => `  ${syntax.padEnd(WIDEST)}  ${summary}`).join("\n")}
`;

const CAM_HELP = `
Writes per image and method (with several targets __<target> behind the method):
  <image>__<method>.png        the map over the picture that the network saw
  <image>__<method>.npy        float32 [H, W], unscaled
  <image>__<method>.cells.npy  float32 [h, w], before rectification and upsampling
  manifest.json                per map: score, sum, conservation error, files; the sheets of --sheet
With --export, an ONNX file with the model's inputs and outputs, and behind these (with several methods or targets _<method>,
_<target> behind the name):
  heatmap        float32 [N, H, W]
  heatmap_cells  float32 [N, h, w], before rectification and upsampling
  heatmap_class  int64 [N], the class explained
  heatmap_score  float32 [N], its score
The target is a constant of the file; --target input makes it an input, target: int64 [N], a class or -k for the k-th highest
score. Methods that run the network again for every channel cannot be exported.
Images of one name in several folders get ~2, ~3, … behind it; manifest.json tells which is which.
Exit code 3: done, but some images could not be read (listed in the manifest).`;

async function cam(context: CommandContext, path: string, given: CamFlags): Promise<number> {
  const [{ openWithFlags, required }, { withMeasuredSigma }, { exportFile, exportText }, { writeCams }] =
    await Promise.all([
      import("../open.ts"),
      import("../cam/measured-sigma.ts"),
      import("../cam/export-file.ts"),
      import("../cam/write-cams.ts"),
    ]);
  const { terminal } = context;
  const images =
    given.export === undefined ? required(given.images, "images", "photos/") : (given.images ?? []);
  await using model = await openWithFlags(path, given, terminal);
  const flags = await withMeasuredSigma(model, given, context);
  if (flags.export === undefined) return await writeCams({ model, path, inputs: images }, flags, context);
  const exported = await exportFile(model, path, flags.export, flags);
  for (const note of exported.notes) terminal.note(`${flags.export}: ${note}.`);
  if (images.length > 0) return await writeCams({ model, path, inputs: images, exported }, flags, context);
  terminal.result(exported, () => exportText(exported));
  return EXIT.done;
}
