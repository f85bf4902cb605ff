// snellen reproduce gammas: flags and help.
import type { Command } from "commander";
import type { CommandContext, Wrap } from "../../main.ts";
import { type ExperimentFlags, withExperiment } from "./made-networks.ts";

export function defineGammasExperiment(reproduce: Command, wrap: Wrap): void {
  const described = reproduce
    .command("gammas [models...]")
    .description(
      "what do smaller normalization scales do to residual blocks, and their decay to training? (arXiv:2205.07260)",
    );
  withExperiment(described, "gammas").addHelpText("after", HELP).action(wrap(gammasExperiment));
}

const HELP = `
Untrained ResNets (basic, bottleneck, pre-activation) and transformers (pre- and post-LN) are made and measured: Var(F(x))/Var(x) of
every residual block as the scales of a category shrink, what doubling a scale does to the scores, and whether the gradient of a
scale-invariant one goes as one over its size. The embedded ViT and given models are measured too, on --images or on Gaussian
pictures. Then ResNets and a ViT are trained on few pictures of --data, from eight seeds, with L2 regularization of the scales of each
category, of all, of none and of the plan's: about forty minutes of one core, four minutes with --quick. With --no-train
they are left out, and what needs them is listed as not measured: then some minutes, well under one with --quick. What was made is
kept in <out>/gammas.jsonl: --resume goes on from it.
Exit code 3: done, but some images could not be read.`;

async function gammasExperiment(
  context: CommandContext,
  paths: string[],
  flags: ExperimentFlags,
): Promise<number> {
  const { runGammasExperiment } = await import("../../experiments/run-gammas.ts");
  return await runGammasExperiment(paths, flags, context);
}
