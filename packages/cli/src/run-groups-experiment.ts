// Runs `snellen reproduce groups` and writes its page.
import { groupsDocument, reproduceGroups } from "snellen";
import type { ExperimentFlags } from "./commands/reproduce/made-networks.ts";
import { effortOf, openGiven, runOnNetworks } from "./experiment-study.ts";
import type { CommandContext } from "./main.ts";

export const runGroupsExperiment = (
  paths: readonly string[],
  flags: ExperimentFlags,
  context: CommandContext,
  effort = effortOf(flags),
): Promise<number> =>
  runOnNetworks(
    {
      id: "groups",
      given: (opened) => openGiven(paths, flags, context, opened),
      reproduce: reproduceGroups,
      document: groupsDocument,
    },
    flags,
    context,
    effort,
  );
