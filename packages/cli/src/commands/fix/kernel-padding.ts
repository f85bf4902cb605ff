// snellen fix kernel-padding: flags and help of the repair of strided convolutions.
import type { Command } from "commander";
import type { CommandContext, Wrap } from "../../main.ts";
import { type ModelFlags, withModel } from "../../options.ts";
import { EXIT } from "../../terminal.ts";
import { type MendedFlags, withMended } from "./mended.ts";

export interface KernelPaddingFlags extends ModelFlags, MendedFlags {
  readonly images?: string[];
  readonly pooling?: boolean;
}

export function defineFixKernelPadding(fix: Command, wrap: Wrap): void {
  const described = withModel(
    fix
      .command("kernel-padding <model>")
      .description("make odd kernels of strided convolutions even, against dead pixels (arXiv:2108.13576)"),
  )
    .option(
      "--images <path...>",
      "pictures to compare the outputs on, at most 8, evenly over those given (default: seeded noise)",
    )
    .option("--pooling", "enlarge pooling windows too, which changes the outputs");
  withMended(described).addHelpText("after", HELP).action(wrap(kernelPadding));
}

const HELP = `
Example: snellen fix kernel-padding resnet18.onnx -o fixed.onnx --images photos --snippet pytorch

A convolution with an odd kernel and an even stride (1x1, 3x3, 7x7 at stride 2) sees some pixels more often than others, or not
at all. Its weight gets zeros at the bottom and right up to the next even size, and its padding grows at the end where needed.
The outputs stay what they are until the model is fine-tuned: before anything is written, both models run on the same inputs and
may differ by 1e-5 of the largest output. Names, operator set, inputs, outputs and all other weights stay. Half precision is
compared in single precision, quantized values without their rounding.

Pooling windows have no weights: --pooling makes 3/2 into 4/2, and the report says by how much the outputs change. Slices and
nearest-neighbour resizing that skip pixels are listed and left. Where the input size is open, --size or --dim is needed only
by layers with auto_pad SAME.`;

async function kernelPadding(
  context: CommandContext,
  path: string,
  flags: KernelPaddingFlags,
): Promise<number> {
  const [{ required }, { fixKernelPadding }, { kernelPaddingText }] = await Promise.all([
    import("../../open.ts"),
    import("../../mend/fix-kernel-padding.ts"),
    import("../../mend/kernel-padding-text.ts"),
  ]);
  const out = required(flags.out, "out", "fixed.onnx");
  const report = await fixKernelPadding(path, out, flags, context);
  for (const note of report.notes) context.terminal.note(note);
  context.terminal.result(report, () => kernelPaddingText(report));
  return report.skipped.length > 0 ? EXIT.someSkipped : EXIT.done;
}
