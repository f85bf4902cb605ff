// snellen network: an untrained network as a model file, for training from scratch.
import type { Command } from "commander";
import type { CommandContext, Wrap } from "../main.ts";
import { another, type CommonFlags, seedOf, withCommon } from "../options.ts";

export interface NetworkFlags extends CommonFlags {
  readonly out?: string;
  readonly classes?: string;
  readonly labels?: string;
  readonly size?: string;
  readonly channelsIn?: string;
  readonly seed: number;
  readonly set?: readonly string[];
}

export function defineNetwork(program: Command, wrap: Wrap): void {
  withCommon(
    program
      .command("network [id]")
      .description(
        "write an untrained network to train from scratch; without an id, list networks and options",
      ),
  )
    .option("-o, --out <file>", "where the network goes")
    .option("--classes <n>", "number of classes (default 10)")
    .option("--labels <file>", "class names, whose number is that of the classes: one a line, or JSON")
    .option("--size <n|HxW>", "size of pictures (default 32)")
    .option("--channels-in <n>", "channels of pictures: 3 or 1 (default 3)")
    .option("--seed <n>", "same seed, same weights", seedOf, 0)
    .option("--set <key=value>", "an option of the network; may be given more than once", another)
    .addHelpText("after", HELP)
    .action(wrap(runNetwork));
}

const HELP = `
Examples: snellen network
          snellen network resnet -o resnet20.onnx --labels classes.txt
          snellen network resnet -o gn.onnx --set normalization=gn --set groups=4 --set paddedKernels=true
          snellen network vit -o vit.onnx --size 64 --set patch=8 --set prelayernorm=after-projection

Input image float32 [batch, channels, height, width], output logits [batch, classes]. Parameters have PyTorch's names, and class
names and preprocessing stand in the file's metadata. A parameter is drawn from the seed and its name, so that two networks have
the same weights where both have the layer and its size.`;

async function runNetwork(
  { terminal }: CommandContext,
  id: string | undefined,
  flags: NetworkFlags,
): Promise<number> {
  const { listNetworks, writeNetwork } = await import("../training/write-network.ts");
  return id === undefined ? listNetworks(flags, terminal) : await writeNetwork(id, flags, terminal);
}
