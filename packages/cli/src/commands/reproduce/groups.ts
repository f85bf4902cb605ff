// snellen reproduce groups: flags and help.
import type { Command } from "commander";
import type { CommandContext, Wrap } from "../../main.ts";
import { type ExperimentFlags, withExperiment } from "./made-networks.ts";

export function defineGroupsExperiment(reproduce: Command, wrap: Wrap): void {
  const described = reproduce
    .command("groups [models...]")
    .description("how do groups scale the gradient, and does the advice keep it? (arXiv:2302.03193)");
  withExperiment(described, "groups").addHelpText("after", HELP).action(wrap(groupsExperiment));
}

const HELP = `
Untrained networks (MLPs, CNNs, residual blocks) are made and measured: gradient gain against the number of groups by closed form,
simulation and on the graph; over depth; ideal groups by architecture; and the gradient's length over deep networks for the advised
groups and for fixed ones. Models are measured too, on --images or on Gaussian pictures. Then MLPs, a CNN, a ResNet and a ViT with a
convolutional stem are trained from six seeds with every number of groups and with the advised ones, on --data: about forty
minutes of one core, four minutes with --quick. With --no-train they are left out, and what needs them is listed as not measured:
then some minutes, well under one with --quick. What was made is kept in <out>/groups.jsonl: --resume goes on from it.
Exit code 3: done, but some images could not be read.`;

async function groupsExperiment(
  context: CommandContext,
  paths: string[],
  flags: ExperimentFlags,
): Promise<number> {
  const { runGroupsExperiment } = await import("../../experiments/run-groups.ts");
  return await runGroupsExperiment(paths, flags, context);
}
