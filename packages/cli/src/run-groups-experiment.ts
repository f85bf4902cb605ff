// Runs `snellen reproduce groups` and writes its page.
import { groupsDocument, reproduceGroups } from "snellen";
import type { OpenedModel } from "snellen/node";
import type { ExperimentFlags } from "./commands/reproduce.ts";
import { effortOf, openGiven, openStudy, writeExperiment } from "./experiment-study.ts";
import type { CommandContext } from "./main.ts";
import { EXIT } from "./terminal.ts";

export async function runGroupsExperiment(
  paths: readonly string[],
  flags: ExperimentFlags,
  context: CommandContext,
  effort = effortOf(flags),
): Promise<number> {
  const opened: OpenedModel[] = [];
  try {
    const models = await openGiven(paths, flags, context, opened);
    const study = await openStudy("groups", models, flags, context, effort);
    const result = await reproduceGroups({ ...study, models });
    await writeExperiment("groups", result, groupsDocument(result), flags, context);
    for (const { name, refused } of result.models)
      if (refused !== null) context.terminal.warn(`${name}: not measured, as ${refused}`);
    return models.some(({ skipped }) => skipped.length > 0) ? EXIT.someSkipped : EXIT.done;
  } finally {
    for (const model of opened) await model[Symbol.asyncDispose]();
  }
}
