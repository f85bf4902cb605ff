// The journal that an experiment goes on from.
import { join } from "node:path";
import type { Study } from "snellen";
import { ensureFolder } from "snellen/node";
import { openJournal } from "../journal.ts";
import type { Terminal } from "../terminal.ts";

interface JournalFlags {
  readonly out: string;
  readonly resume?: boolean;
}

/**
 * Opens `<out>/<id>.jsonl`, and says so where an earlier run had other settings.
 * @param settings what decides the numbers; a journal of others is not gone on from
 * @throws UsageError `bad-journal`
 */
export async function experimentJournal<T>(
  id: string,
  settings: object,
  { out, resume }: JournalFlags,
  terminal: Terminal,
): Promise<{ readonly earlier: readonly T[]; readonly add: (entry: T) => Promise<void> }> {
  await ensureFolder(out);
  const { earlier, add } = await openJournal<T>(join(out, `${id}.jsonl`), settings, resume === true);
  if (earlier === undefined)
    terminal.note(`--resume: the journal in ${out} is of other settings; all is made anew.`);
  return { earlier: earlier ?? [], add };
}

/** The same for pieces that have one key each. */
export async function keyedJournal(
  id: string,
  settings: object,
  flags: JournalFlags,
  terminal: Terminal,
): Promise<Pick<Study, "recall" | "keep">> {
  const { earlier, add } = await experimentJournal<{ readonly key: string; readonly value: unknown }>(
    id,
    settings,
    flags,
    terminal,
  );
  const known = new Map(earlier.map(({ key, value }) => [key, value]));
  return { recall: (key) => known.get(key), keep: (key, value) => add({ key, value }) };
}
