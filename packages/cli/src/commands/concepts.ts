// snellen concepts: what a set of images has in common at a layer, as coloured pictures and as numbers.
import type { Command } from "commander";
import { sigmaOption, upsamplingOption } from "../cam/upsampling-options.ts";
import type { CommandContext, Wrap } from "../main.ts";
import {
  countOf,
  type ImageFlags,
  type ModelFlags,
  numberOf,
  seedOf,
  withImages,
  withModel,
} from "../options.ts";

export interface ConceptFlags extends ModelFlags, ImageFlags {
  readonly components: number;
  readonly layer?: string;
  readonly upsampling: string;
  readonly sigma: string;
  readonly seed: number;
  readonly out: string;
  readonly opacity: number;
}

export function defineConcepts(program: Command, wrap: Wrap): void {
  const opacity = numberOf("opacity", { from: 0, to: 1 }, 0.8);
  withImages(
    withModel(
      program
        .command("concepts <model>")
        .description("concepts that images share at a layer, and where in each image they are"),
    ),
  )
    .option("--components <n>", "how many concepts", countOf("components"), 5)
    .option("--layer <name>", "feature layer: value, node, or a part of either (default: auto)")
    .addOption(upsamplingOption)
    .addOption(sigmaOption)
    .option("--seed <n>", "seed of what the search starts from", seedOf, 0)
    .option("--out <folder>", "where pictures, maps and concepts.json go", "snellen-concepts")
    .option("--opacity <share>", "opacity of the strongest concept on the picture, 0 to 1", opacity, 0.8)
    .addHelpText("after", CONCEPTS_HELP)
    .action(wrap(runConcepts));
}

const CONCEPTS_HELP = `
Deep Feature Factorization: the features of all images' positions together as sums of a few concepts, none negative.
Writes per image:
  <image>__concepts.png  each pixel in the colour of its strongest concept
  <image>__concepts.npy  float32 [concepts, H, W], one scale for all images
and of all images:
  vectors.npy            float32 [concepts, channels], of length one, those that account for most first
  concepts.json          per concept its share of the features and, behind a linear classifier, its best classes; per image its files
Exit code 3: done, but some images could not be read (listed in concepts.json).`;

async function runConcepts(context: CommandContext, path: string, flags: ConceptFlags): Promise<number> {
  const [{ openWithFlags, required }, { withMeasuredSigma }, { writeConcepts }] = await Promise.all([
    import("../open.ts"),
    import("../cam/measured-sigma.ts"),
    import("../cam/write-concepts.ts"),
  ]);
  const images = required(flags.images, "images", "photos/");
  await using model = await openWithFlags(path, flags, context.terminal);
  return await writeConcepts(model, images, await withMeasuredSigma(model, flags, context), context);
}
