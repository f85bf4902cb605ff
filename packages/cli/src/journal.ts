// A journal of finished work, one JSON line each: what an interrupted run goes on from.
import { appendFile, readFile, truncate } from "node:fs/promises";
import { writeFileAtomic } from "snellen/node";

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
  const add = (entry: T) => appendFile(path, `${JSON.stringify(entry)}\n`);
  const text = resume ? await readFile(path, "utf8").catch(() => "") : "";
  const whole = text.slice(0, text.lastIndexOf("\n") + 1);
  if (whole.startsWith(head)) {
    await truncate(path, Buffer.byteLength(whole));
    const lines = whole
      .slice(head.length)
      .split("\n")
      .filter((line) => line !== "");
    return { earlier: lines.map((line) => JSON.parse(line) as T), add };
  }
  await writeFileAtomic(path, head);
  return { earlier: text === "" ? [] : undefined, add };
}
