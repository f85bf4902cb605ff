// snellen groups: how many groups each group normalization should have, on a model's own graph or for a layer in numbers.
import type { Command } from "commander";
import { activationIds } from "snellen/registries";
import type { CommandContext, Wrap } from "../main.ts";
import {
  choiceOf,
  countOf,
  type ImageFlags,
  type ModelFlags,
  seedOf,
  withImages,
  withModel,
} from "../options.ts";

const GROUP_FORMATS = ["table", "json", "csv", "pytorch"] as const;

/** Of `withGroupChoice`. */
export interface GroupChoiceFlags extends ModelFlags, ImageFlags {
  readonly n: number;
  readonly convention: "norm" | "variance";
  readonly affine: "own" | "unit";
  readonly convertBatchnorm?: boolean;
  readonly seed: number;
}

export interface GroupFlags extends GroupChoiceFlags {
  readonly format: (typeof GROUP_FORMATS)[number];
  readonly out?: string;
  readonly channels?: string;
  readonly inputChannels?: number;
  readonly kernel?: number;
  readonly stride?: number;
  readonly spatial?: number;
  readonly activation?: string;
  readonly inputActivation?: string;
  readonly position?: "before-activation" | "after-activation";
}

export function defineGroups(program: Command, wrap: Wrap): void {
  withGroupChoice(
    withImages(
      withModel(
        program
          .command("groups [model]")
          .description("how many groups each group normalization should have (arXiv:2302.03193)"),
      ),
    ),
  )
    .option("--format <name>", GROUP_FORMATS.join(", "), choiceOf("format", GROUP_FORMATS), "table")
    .option("--out <folder>", "also write groups.json, groups.csv, groups.py and profile.svg there")
    .option(
      "--input-channels <n>",
      "without a model: channels that the layer reads",
      countOf("input-channels"),
    )
    .option("--kernel <n>", "without a model: side of the kernel (default 1)", countOf("kernel"))
    .option("--stride <n>", "without a model: stride (default 1)", countOf("stride"))
    .option(
      "--spatial <n>",
      "without a model: side of the output map (default: 56 with a kernel, else 1, a linear layer)",
      countOf("spatial"),
    )
    .option("--activation <id>", `without a model: ${activationIds.join(", ")} (default relu)`)
    .option("--input-activation <id>", "without a model: activation before it (default: the same)")
    .option(
      "--position <where>",
      "without a model: before-activation or after-activation",
      choiceOf("position", ["before-activation", "after-activation"]),
    )
    .addHelpText("after", GROUPS_HELP)
    .action(wrap(runGroups));
}

/** How an ideal number of groups is found. */
export const withGroupChoice = (command: Command): Command =>
  command
    .option(
      "--n <count>",
      "at most so many images, evenly over those given, or Gaussian ones",
      countOf("n"),
      8,
    )
    .option(
      "--convention <name>",
      "what is isometric: norm (E|dx|^2 = E|do|^2) or variance (the same per element)",
      choiceOf("convention", ["norm", "variance"]),
      "norm",
    )
    .option(
      "--affine <whose>",
      "scales and biases that gains are measured with: own, or unit (as before training)",
      choiceOf("affine", ["own", "unit"]),
      "own",
    )
    .option("--convert-batchnorm", "advise for batch normalizations too, were they group normalizations")
    .option("--seed <n>", "seed of the gradients sent back, and of Gaussian images", seedOf, 0);

const GROUPS_HELP = `
Examples: snellen groups resnet50_gn.onnx --images photos --out groups
          snellen groups resnet50.onnx --convert-batchnorm --format pytorch > set_groups.py
          snellen groups --channels 256 --kernel 3 --spatial 14

The number of groups changes how a normalization scales the gradient. For each layer and every divisor of its channels, noise of
unit variance is sent back from the layer's output to what its weights read: gain = E|dL/dx|^2 / E|dL/do|^2. The ideal is the
number of groups whose gain is nearest to 1, by logarithm; ties go to fewer groups. Beside it stands a closed form for random
weights, where it holds. Without --images the network runs on Gaussian pictures.

Without a model, --channels (of the normalized layer) and the other sizes ask the closed form alone; --channels RGB, BGR or gray
belongs to a model's preprocessing. "snellen fix groups" writes the model with the advised groups.`;

const MODEL_FLAGS = ["images", "out", "convertBatchnorm"] as const satisfies readonly (keyof GroupFlags)[];
const LAYER_FLAGS = [
  "inputChannels",
  "kernel",
  "stride",
  "spatial",
  "activation",
  "inputActivation",
  "position",
] as const satisfies readonly (keyof GroupFlags)[];

const dashed = (name: string): string => name.replaceAll(/[A-Z]/g, (c) => `-${c.toLowerCase()}`);

async function runGroups(
  context: CommandContext,
  path: string | undefined,
  flags: GroupFlags,
): Promise<number> {
  const unused = path === undefined ? MODEL_FLAGS : LAYER_FLAGS;
  for (const flag of unused.filter((name) => flags[name] !== undefined))
    context.terminal.warn(
      `--${dashed(flag)} was not used: it is for ${path === undefined ? "models" : "layers without a model"}.`,
    );
  if (path === undefined) {
    const { layerGroups } = await import("../normalization/layer-groups.ts");
    return layerGroups(flags, context);
  }
  const [{ openWithFlags }, { writeGroups }] = await Promise.all([
    import("../open.ts"),
    import("../normalization/write-groups.ts"),
  ]);
  await using model = await openWithFlags(path, flags, context.terminal);
  return await writeGroups(model, path, flags, context);
}
