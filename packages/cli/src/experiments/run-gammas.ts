// Runs `snellen reproduce gammas` and writes its page.
import { join } from "node:path";
import { GAMMA_TRAININGS, type GammaTrainingEffort, gammasDocument, reproduceGammas } from "snellen";
import { type OpenedModel, openModel } from "snellen/node";
import type { ExperimentFlags } from "../commands/reproduce/made-networks.ts";
import { EMBEDDED } from "../embedded.ts";
import { modelVersion } from "../file-version.ts";
import type { CommandContext } from "../main.ts";
import { effortOf, type OpenedGiven, openGiven, runOnNetworks } from "./experiment-study.ts";
import { newOptotype } from "./made-optotypes.ts";

export const runGammasExperiment = (
  paths: readonly string[],
  flags: ExperimentFlags,
  context: CommandContext,
  effort = effortOf(flags),
  trainings: GammaTrainingEffort = GAMMA_TRAININGS[flags.quick === true ? "quick" : "full"],
): Promise<number> =>
  runOnNetworks(
    {
      id: "gammas",
      trainings,
      given: async (opened) => {
        const own = await embedded(flags, opened);
        return [own, ...(await openGiven(paths, flags, context, opened, [own.name]))];
      },
      reproduce: reproduceGammas,
      document: gammasDocument,
    },
    flags,
    context,
    effort,
  );

const VIT = "optotypes-vit.onnx";

/** The ViT that comes with Snellen, on newly made letters. */
async function embedded(flags: ExperimentFlags, opened: OpenedModel[]): Promise<OpenedGiven> {
  const path = join(EMBEDDED.folder, VIT);
  const model = await openModel(path, { threads: flags.threads });
  opened.push(model);
  const images = Array.from({ length: flags.n }, (_, index) => {
    const { source, sample } = newOptotype(flags.seed, index);
    return { ...sample.image, source };
  });
  const version = await modelVersion(path);
  return { name: "optotypes-vit", model, kind: "images", images, skipped: [], version };
}
