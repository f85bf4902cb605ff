// Runs `snellen reproduce groups` and writes its page.
import { GROUP_TRAININGS, type GroupTrainingEffort, groupsDocument, reproduceGroups } from "snellen";
import type { ExperimentFlags } from "../commands/reproduce/made-networks.ts";
import type { CommandContext } from "../main.ts";
import { effortOf, openGiven, runOnNetworks } from "./experiment-study.ts";

export const runGroupsExperiment = (
  paths: readonly string[],
  flags: ExperimentFlags,
  context: CommandContext,
  effort = effortOf(flags),
  trainings: GroupTrainingEffort = GROUP_TRAININGS[flags.quick === true ? "quick" : "full"],
): Promise<number> =>
  runOnNetworks(
    {
      id: "groups",
      trainings,
      given: (opened) => openGiven(paths, flags, context, opened),
      reproduce: reproduceGroups,
      document: groupsDocument,
    },
    flags,
    context,
    effort,
  );
