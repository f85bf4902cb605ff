// A journal of finished work, one JSON line each: what an interrupted run goes on from.
import { readFile, truncate } from "node:fs/promises";
import { UsageError } from "@snellen/graph";
import { appendToFile, writeFileAtomic } from "snellen/node";

/**
 * Opens a journal: the entries of an earlier run with equal settings where `resume` is set, an empty one otherwise.
 * A line that was cut off is dropped.
 * @returns the entries, undefined where there is an earlier run of other settings; and what adds one
 */
export async function openJournal<T>(
  path: string,
  settings: object,
  resume: boolean,
): Promise<{ readonly earlier: readonly T[] | undefined; readonly add: (entry: T) => Promise<void> }> {
  const head = `${JSON.stringify(settings)}\n`;
  const add = (entry: T) => appendToFile(path, `${JSON.stringify(entry)}\n`);
  const text = resume ? await readFile(path, "utf8").catch(() => "") : "";
  const whole = wholeLines(text);
  if (whole.startsWith(head)) {
    await truncate(path, Buffer.byteLength(whole));
    return { earlier: entriesOf<T>(whole.slice(head.length)), add };
  }
  await writeFileAtomic(path, head);
  return { earlier: text === "" ? [] : undefined, add };
}

const wholeLines = (text: string): string => text.slice(0, text.lastIndexOf("\n") + 1);

const entriesOf = <T>(lines: string): T[] =>
  lines
    .split("\n")
    .filter((line) => line !== "")
    .map((line) => JSON.parse(line) as T);

/**
 * A journal that somebody else wrote, without a line that was cut off.
 * @throws UsageError `no-journal` where there is none, or it is of another kind
 */
export async function readJournal<Settings, T>(
  path: string,
): Promise<{ readonly settings: Settings; readonly entries: readonly T[] }> {
  const text = await readFile(path, "utf8").catch(() => "");
  try {
    const [settings, ...entries] = entriesOf<unknown>(wholeLines(text));
    if (settings !== undefined) return { settings: settings as Settings, entries: entries as T[] };
  } catch (cause) {
    throw new UsageError("no-journal", "is no journal of a run.", { where: path, cause });
  }
  throw new UsageError("no-journal", "there is no journal of a run.", {
    where: path,
    hint: "Give the --out folder of a run.",
  });
}
