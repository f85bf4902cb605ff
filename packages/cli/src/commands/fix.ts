// snellen fix: repairs of a model's layers, written as a new model file. Each repair is a command of its own below it.
import type { Command } from "commander";
import { closest, UsageError } from "../light.ts";
import type { CommandContext, Wrap } from "../main.ts";
import { choiceOf, type ModelFlags, withImages, withModel } from "../options.ts";
import { EXIT } from "../terminal.ts";
import { defineFixPreLayerNorm } from "./fix-prelayernorm.ts";
import { type GroupChoiceFlags, withGroupChoice } from "./groups.ts";

export interface KernelPaddingFlags extends ModelFlags {
  readonly out?: string;
  readonly images?: string[];
  readonly pooling?: boolean;
  readonly snippet?: "pytorch";
  readonly safetensors?: string;
}

export interface FixGroupsFlags extends GroupChoiceFlags {
  readonly out?: string;
  readonly snippet?: "pytorch";
  readonly safetensors?: string;
}

export function defineFix(program: Command, wrap: Wrap): void {
  const fix = program.command("fix").description("mend layers of a model, and write the mended model");
  withModel(
    fix
      .command("kernel-padding <model>")
      .description("make odd kernels of strided convolutions even, against dead pixels (arXiv:2108.13576)"),
  )
    .option("-o, --out <file>", "where the mended model goes; the report goes beside it as .json")
    .option(
      "--images <path...>",
      "pictures to compare the outputs on, at most 8, evenly over those given (default: seeded noise)",
    )
    .option("--pooling", "enlarge pooling windows too, which changes the outputs")
    .option(
      "--snippet <language>",
      "write beside the model the code that does the same to a PyTorch model: pytorch",
      choiceOf("snippet", ["pytorch"]),
    )
    .option("--safetensors <file>", "write the mended model's floating-point weights too")
    .addHelpText("after", KERNEL_PADDING_HELP)
    .action(wrap(kernelPadding));
  defineFixGroups(fix, wrap);
  defineFixPreLayerNorm(fix, wrap);
  fix.on("command:*", ([name = ""]: string[]) => {
    const names = fix.commands.map((command) => command.name());
    throw new UsageError("unknown-repair", `no repair "${name}".`, {
      where: "fix",
      hint: `Did you mean "${closest(name, names)}"? Known: ${names.join(", ")}.`,
    });
  });
}

function defineFixGroups(fix: Command, wrap: Wrap): void {
  withGroupChoice(
    withImages(
      withModel(
        fix
          .command("groups <model>")
          .description("give normalizations the numbers of groups that `snellen groups` advises"),
      ),
    ),
  )
    .option("-o, --out <file>", "where the mended model goes; the report goes beside it as .json")
    .option(
      "--snippet <language>",
      "write beside the model the code that does the same to a PyTorch model: pytorch",
      choiceOf("snippet", ["pytorch"]),
    )
    .option("--safetensors <file>", "write the mended model's floating-point weights too")
    .addHelpText("after", FIX_GROUPS_HELP)
    .action(wrap(groups));
}

const FIX_GROUPS_HELP = `
Example: snellen fix groups resnet50_gn.onnx -o fixed.onnx --images photos --snippet pytorch

Measures every number of groups on the model's own graph, as "snellen groups" does, and writes a model in which each layer has the
one whose gradient gain is nearest to 1 (arXiv:2302.03193). GroupNormalization with a scale a channel (operator set 21 and later)
gets another num_groups; every other form is written as Reshape, InstanceNormalization and Reshape in its place. Scales, biases,
names and all other nodes stay. The new graph is measured again before anything is written. Other groups change what the network
computes: the report says by how much, and the model has to be trained or fine-tuned with them.`;

async function groups(context: CommandContext, path: string, flags: FixGroupsFlags): Promise<number> {
  const [{ required }, { fixGroups }, { fixedGroupsText }] = await Promise.all([
    import("../open.ts"),
    import("../fix-groups.ts"),
    import("../fixed-groups-text.ts"),
  ]);
  const out = required(flags.out, "out", "fixed.onnx");
  const report = await fixGroups(path, out, flags, context);
  if (report.changes.length > 0) for (const note of report.notes) context.terminal.note(note);
  context.terminal.result(report, () => fixedGroupsText(report));
  return report.skipped.length > 0 ? EXIT.someSkipped : EXIT.done;
}

const KERNEL_PADDING_HELP = `
Example: snellen fix kernel-padding resnet18.onnx -o fixed.onnx --images photos --snippet pytorch

A convolution with an odd kernel and an even stride (1x1, 3x3, 7x7 at stride 2) sees some pixels more often than others, or not
at all. Its weight gets zeros at the bottom and right up to the next even size, and its padding grows at the end where needed.
The outputs stay what they are until the model is fine-tuned: before anything is written, both models run on the same inputs and
may differ by 1e-5 of the largest output. Names, operator set, inputs, outputs and all other weights stay. Half precision is
compared in single precision.

Pooling windows have no weights: --pooling makes 3/2 into 4/2, and the report says by how much the outputs change. Slices and
nearest-neighbour resizing that skip pixels are listed and left. Where the input size is open, --size or --dim is needed only
by layers with auto_pad SAME.`;

async function kernelPadding(
  context: CommandContext,
  path: string,
  flags: KernelPaddingFlags,
): Promise<number> {
  const [{ required }, { fixKernelPadding }, { kernelPaddingText }] = await Promise.all([
    import("../open.ts"),
    import("../fix-kernel-padding.ts"),
    import("../kernel-padding-text.ts"),
  ]);
  const out = required(flags.out, "out", "fixed.onnx");
  const report = await fixKernelPadding(path, out, flags, context);
  for (const note of report.notes) context.terminal.note(note);
  context.terminal.result(report, () => kernelPaddingText(report));
  return report.skipped.length > 0 ? EXIT.someSkipped : EXIT.done;
}
