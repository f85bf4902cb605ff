// snellen cam-score: which heat map to believe, by measures on a folder of images.
import type { Command } from "commander";
import { camMethods, measures, upsamplingIds } from "snellen/registries";
import type { CommandContext, Wrap } from "../main.ts";
import {
  another,
  countOf,
  type ImageFlags,
  type ModelFlags,
  seedOf,
  withImages,
  withModel,
} from "../options.ts";

export interface CamScoreFlags extends ModelFlags, ImageFlags {
  readonly methods: string;
  readonly upsampling: string;
  readonly measures?: string;
  readonly layer?: string[];
  readonly target: string;
  readonly limit?: number;
  readonly seed: number;
  readonly out: string;
  readonly resume?: boolean;
  readonly sanity: boolean;
}

/** Methods that run the network once a channel take minutes an image: only where they are asked for. */
const QUICK = camMethods.filter(({ kind }) => kind !== "channels").map(({ id }) => id);

export function defineCamScore(program: Command, wrap: Wrap): void {
  withImages(
    withModel(
      program.command("cam-score <model>").description("which heat map to believe: methods by measures"),
    ),
  )
    .option("--methods <ids>", "method ids between commas, or all", QUICK.join(","))
    .option("--upsampling <ids>", `${upsamplingIds.join(", ")}, between commas`, "bilinear,gaussian")
    .option("--measures <ids>", "measure ids between commas, see below (default: all)")
    .option(
      "--layer <name>",
      "feature layer; given again, each is scored on its own (default: auto)",
      another,
    )
    .option(
      "--target <class>",
      "object (the annotated object's class, else the image's label, else the highest score), top1, label, an index or a name",
      "object",
    )
    .option("--limit <n>", "only the first so many images", countOf("limit"))
    .option("--seed <n>", "seed of noise, ties, resampling and random-cam", seedOf, 0)
    .option("--out <folder>", "where scores.csv, scores.json and scores.html go", "snellen-cam-score")
    .option("--no-sanity", "leave out the check of maps against those of randomized weights")
    .option("--resume", "keep the images that an earlier run with the same settings scored")
    .addHelpText("after", HELP)
    .action(wrap(camScore));
}

const HELP = `
Measures:
${measures.map(({ id, summary, better }) => `  ${id.padEnd(24)} ${summary} ${better === "higher" ? "Higher" : "Lower"} is better.`).join("\n")}

Objects come from annotations.json beside the images: { images: [{ file, class, box, mask }] } as \`snellen dataset\` writes it,
COCO's own form, or boxes and masks by category (grey values tell objects apart, a palette cannot). Without them, measures of
place are left out.
Writes scores.csv (method, upsampling, layer, measure, mean, 95 % bootstrap interval), scores.json (these and every image's
values), scores.html (table and plots), and scores.jsonl, the journal that --resume goes on from.`;

async function camScore(context: CommandContext, path: string, flags: CamScoreFlags): Promise<number> {
  const [{ openWithFlags, required }, { scoreCams }] = await Promise.all([
    import("../open.ts"),
    import("../cam/score-cams.ts"),
  ]);
  const images = required(flags.images, "images", "photos/");
  await using model = await openWithFlags(path, flags, context.terminal);
  return await scoreCams({ model, path, inputs: images }, flags, context);
}
