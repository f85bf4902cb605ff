// snellen fix: repairs of a model's layers, written as a new model file. Each repair is a command of its own below it.
import type { Command } from "commander";
import { closest, UsageError } from "../light.ts";
import type { CommandContext, Wrap } from "../main.ts";
import { choiceOf, type ModelFlags, withModel } from "../options.ts";
import { EXIT } from "../terminal.ts";

export interface KernelPaddingFlags extends ModelFlags {
  readonly out?: string;
  readonly images?: string[];
  readonly pooling?: boolean;
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
  fix.on("command:*", ([name = ""]: string[]) => {
    const names = fix.commands.map((command) => command.name());
    throw new UsageError("unknown-repair", `no repair "${name}".`, {
      where: "fix",
      hint: `Did you mean "${closest(name, names)}"? Known: ${names.join(", ")}.`,
    });
  });
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
