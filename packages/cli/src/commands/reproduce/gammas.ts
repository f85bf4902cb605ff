// snellen reproduce gammas: flags and help.
import type { Command } from "commander";
import type { CommandContext, Wrap } from "../../main.ts";
import { type ExperimentFlags, withExperiment } from "./made-networks.ts";

export function defineGammasExperiment(reproduce: Command, wrap: Wrap): void {
  const described = reproduce
    .command("gammas [models...]")
    .description("what do smaller normalization scales do to residual blocks? (arXiv:2205.07260)");
  withExperiment(described, "gammas").addHelpText("after", HELP).action(wrap(gammasExperiment));
}

const HELP = `
Untrained ResNets (basic, bottleneck, pre-activation) and transformers (pre- and post-LN) are made and measured: Var(F(x))/Var(x) of
every residual block as the scales of a category shrink, what doubling a scale does to the scores, and whether the gradient of a
scale-invariant one goes as one over its size. The embedded ViT and given models are measured too, on --images or on Gaussian
pictures. What needs training is listed as not measured. Some minutes on two cores, well under one with --quick.
Exit code 3: done, but some images could not be read.`;

async function gammasExperiment(
  context: CommandContext,
  paths: string[],
  flags: ExperimentFlags,
): Promise<number> {
  const { runGammasExperiment } = await import("../../run-gammas-experiment.ts");
  return await runGammasExperiment(paths, flags, context);
}
