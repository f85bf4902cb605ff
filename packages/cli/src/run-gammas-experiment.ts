// Runs `snellen reproduce gammas` and writes its page.
import { join } from "node:path";
import { gammasDocument, makeOptotype, reproduceGammas } from "snellen";
import { type OpenedModel, openModel } from "snellen/node";
import type { ExperimentFlags } from "./commands/reproduce.ts";
import { EMBEDDED } from "./embedded.ts";
import { effortOf, type OpenedGiven, openGiven, runOnNetworks } from "./experiment-study.ts";
import { modelVersion } from "./file-version.ts";
import type { CommandContext } from "./main.ts";

export const runGammasExperiment = (
  paths: readonly string[],
  flags: ExperimentFlags,
  context: CommandContext,
  effort = effortOf(flags),
): Promise<number> =>
  runOnNetworks(
    {
      id: "gammas",
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
/** Seeds of the networks' training images start at other numbers (models/README.md). */
const OPTOTYPE_SEED = 77_000;

/** The ViT that comes with Snellen, on newly made letters. */
async function embedded(flags: ExperimentFlags, opened: OpenedModel[]): Promise<OpenedGiven> {
  const path = join(EMBEDDED.folder, VIT);
  const model = await openModel(path, { threads: flags.threads });
  opened.push(model);
  const images = Array.from({ length: flags.n }, (_, index) => {
    const source = `optotype ${flags.seed}/${index}`;
    return { ...makeOptotype({ seed: OPTOTYPE_SEED + flags.seed, index }).image, source };
  });
  const version = await modelVersion(path);
  return { name: "optotypes-vit", model, kind: "images", images, skipped: [], version };
}
