// Runs `snellen robustness merge`: the journals of shards become the one result that a single run would have had.
import { UsageError } from "@snellen/graph";
import { ensureFolder } from "snellen/node";
import type { ReportFlags } from "./commands/robustness.ts";
import { readJournal } from "./journal.ts";
import type { CommandContext } from "./main.ts";
import { robustnessText, writeResult } from "./robustness-files.ts";
import {
  type JournalEntry,
  journalFile,
  observationsOf,
  type RunSettings,
  requireSameRun,
} from "./robustness-journal.ts";
import { EXIT } from "./terminal.ts";

/** @throws UsageError `no-journal`, `other-settings`, `unknown-reference` */
export async function mergeShards(
  folders: readonly string[],
  flags: ReportFlags,
  { terminal }: CommandContext,
): Promise<number> {
  const runs = await Promise.all(
    folders.map((folder) => readJournal<RunSettings, JournalEntry>(journalFile(folder))),
  );
  const [first] = runs.map(({ settings }) => settings.identity);
  if (first === undefined) throw new UsageError("no-journal", "no folder was given.");
  for (const [i, { settings }] of runs.entries())
    requireSameRun(first, settings.identity, folders[i] as string);
  const { observations, skipped } = observationsOf(
    first,
    runs.flatMap(({ entries }) => entries),
  );
  await ensureFolder(flags.out);
  const missing = missingOutcomes(observations, skipped.size);
  if (missing > 0)
    terminal.warn(`${missing} outcomes are in none of the folders; figures are of those that are.`);
  const result = await writeResult(observations, first, skipped, flags);
  terminal.result(result, () => robustnessText(result, flags.out));
  return skipped.size > 0 ? EXIT.someSkipped : EXIT.done;
}

function missingOutcomes(
  { models, conditions, imageCount, count }: ReturnType<typeof observationsOf>["observations"],
  skipped: number,
): number {
  const wanted = models.length * conditions.length * (imageCount - skipped);
  const found = models.flatMap(({ name }) => conditions.map((condition) => count(name, condition)));
  return wanted - found.reduce((sum, n) => sum + n, 0);
}
