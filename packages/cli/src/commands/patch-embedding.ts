// snellen patch-embedding: what a vision transformer's patch embedding does with the scale of colours.
import type { Command } from "commander";
import type { CommandContext, Wrap } from "../main.ts";
import { countOf, type ImageFlags, type ModelFlags, withImages, withModel } from "../options.ts";

export interface PatchEmbeddingFlags extends ModelFlags, ImageFlags {
  readonly n: number;
  readonly out: string;
}

export function definePatchEmbedding(program: Command, wrap: Wrap): void {
  withImages(
    withModel(
      program
        .command("patch-embedding <model>")
        .description("does a ViT's positional embedding keep its grip as colours grow? (arXiv:2111.08413)"),
    ),
  )
    .option("--n <count>", "at most so many images, evenly over those given", countOf("n"), 64)
    .option("--out <folder>", "where the tables and plots go", "snellen-patch-embedding")
    .addHelpText("after", HELP)
    .action(wrap(run));
}

const HELP = `
Example: snellen patch-embedding vit.onnx --images photos --out embedding

Finds the layer that turns patches into vectors and the positional embedding that is added to them, then shows the network every
picture with its contrast, and its colour scale, multiplied by 1 to 5. Of each factor: |E·patch + b| / |E_pos|, the cosine of z0 to the
clean picture's, the positional part of z0's energy, and accuracy (agreement with the clean prediction without labels), with 95 %
intervals. Without --images only what was found is told.
Writes patch-embedding.json, patch-embedding.csv, ratio.svg, cosine.svg and accuracy.svg.
What mends a lost grip: snellen fix prelayernorm. Exit code 3: done, but some images could not be read.`;

async function run(context: CommandContext, path: string, flags: PatchEmbeddingFlags): Promise<number> {
  const { writePatchEmbedding } = await import("../patch-embedding/write-patch-embedding.ts");
  return await writePatchEmbedding(path, flags, context);
}
