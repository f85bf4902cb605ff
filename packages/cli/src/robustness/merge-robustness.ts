// Runs `snellen robustness merge`: the journals of shards become the one result that a single run would have had.
import { UsageError } from "@snellen/graph";
import { ensureFolder } from "snellen/node";
import type { ReportFlags } from "../commands/robustness.ts";
import { readJournal } from "../journal.ts";
import type { CommandContext } from "../main.ts";
import { EXIT } from "../terminal.ts";
import { robustnessText, writeResult } from "./robustness-files.ts";
import { type RunIdentity, requireSameRun } from "./robustness-identity.ts";
import {
  createLedger,
  type JournalEntry,
  journalFile,
  type Ledger,
  type RunSettings,
} from "./robustness-journal.ts";

/** @throws UsageError `no-journal`, `bad-journal`, `other-settings`, `unknown-reference` */
export async function mergeShards(
  folders: readonly string[],
  flags: ReportFlags,
  { terminal, signal }: CommandContext,
): Promise<number> {
  let run: { readonly identity: RunIdentity; readonly ledger: Ledger } | undefined;
  for (const folder of folders) {
    signal.throwIfAborted();
    const path = journalFile(folder);
    await readJournal<Partial<RunSettings>, JournalEntry>(path, ({ identity }) => {
      if (identity?.models === undefined)
        throw new UsageError("no-journal", "is no journal of snellen robustness.", { where: path });
      run ??= { identity, ledger: createLedger(identity) };
      requireSameRun(run.identity, identity, folder);
      return run.ledger.take;
    });
  }
  // every folder had a journal, and there is one at least
  const { identity, ledger } = run as NonNullable<typeof run>;
  await ensureFolder(flags.out);
  const missing = ledger.missing();
  if (missing > 0)
    terminal.warn(`${missing} outcomes are in none of the folders; figures are of those that are.`);
  const result = await writeResult(ledger, identity, flags);
  terminal.result(result, () => robustnessText(result, flags.out));
  return ledger.skipped().length > 0 ? EXIT.someSkipped : EXIT.done;
}
