// snellen fix prelayernorm: flags and help of the repair of a vision transformer's patch embedding.
import type { Command } from "commander";
import { preLayerNormModes } from "snellen/registries";
import type { CommandContext, Wrap } from "../../main.ts";
import { choiceOf, countOf, type ImageFlags, type ModelFlags, withImages, withModel } from "../../options.ts";
import { withWorkers } from "../../robustness/corruption-options.ts";
import { EXIT } from "../../terminal.ts";
import { type MendedFlags, withMended } from "./mended.ts";

export interface PreLayerNormFlags extends ModelFlags, ImageFlags, MendedFlags {
  readonly mode: (typeof preLayerNormModes)[number];
  readonly n: number;
  readonly workers?: number;
}

export function defineFixPreLayerNorm(fix: Command, wrap: Wrap): void {
  const described = withImages(
    withModel(
      fix
        .command("prelayernorm <model>")
        .description(
          "normalize patches before positions are added to them, against contrast (arXiv:2111.08413)",
        ),
    ),
  )
    .option(
      "--mode <where>",
      "after-projection, before-projection (each flattened patch) or both",
      choiceOf("mode", preLayerNormModes),
      "after-projection",
    )
    .option(
      "--n <count>",
      "at most so many images, evenly over those given, to calibrate and to measure on",
      countOf("n"),
      64,
    );
  withMended(withWorkers(described)).addHelpText("after", HELP).action(wrap(preLayerNorm));
}

const HELP = `
Example: snellen fix prelayernorm vit.onnx --images photos -o fixed.onnx --snippet pytorch

A vision transformer adds positions to vectors of patches whose length follows the picture's contrast: when it grows, positions
count for less. A layer normalization between the two (arXiv:2111.08413) takes the scale out; in front of the projection, on each flattened
patch, it takes out each patch's own contrast and brightness. Its scale and bias are calibrated on the pictures, clean, by least
squares, so that what the first block reads changes least. Names, operator set, inputs, outputs and all other weights stay.

Both models then see the same pictures, clean and under the colour family of corruptions at five severities, and the report tells
accuracy before and after with paired 95 % intervals (without labels: agreement with the original's clean predictions). Calibration is a
start, not a cure: where it costs clean accuracy, the report says so, and the model has to be fine-tuned.`;

async function preLayerNorm(
  context: CommandContext,
  path: string,
  flags: PreLayerNormFlags,
): Promise<number> {
  const [{ required }, { fixPreLayerNorm }, { preLayerNormText }] = await Promise.all([
    import("../../open.ts"),
    import("../../mend/fix-prelayernorm.ts"),
    import("../../mend/prelayernorm-text.ts"),
  ]);
  const out = required(flags.out, "out", "fixed.onnx");
  const report = await fixPreLayerNorm(path, out, flags, context);
  if (report.effect !== null) for (const note of report.notes) context.terminal.note(note);
  context.terminal.result(report, () => preLayerNormText(report));
  return report.skipped.length > 0 ? EXIT.someSkipped : EXIT.done;
}
