// A journal of finished work, one JSON line each: what an interrupted run goes on from. Read line by line, as journals of long runs are
// larger than a string may be.
import { createReadStream } from "node:fs";
import { rename, truncate } from "node:fs/promises";
import { UsageError } from "@snellen/graph";
import { VERSION } from "snellen";
import { appendToFile, writeFileAtomic } from "snellen/node";

/**
 * Opens a journal: the entries of an earlier run of this version of Snellen with equal settings where `resume` is set, an empty one otherwise.
 * A line that was cut off is dropped; a journal of other settings is kept as `<path>.old`.
 * @param take gets the entries one by one, where there are too many to keep; `earlier` is empty then
 * @returns the entries, undefined where there is an earlier run of other settings; and what adds one
 * @throws UsageError `bad-journal` for a line that is no JSON, and for a file that cannot be read
 */
export async function openJournal<T>(
  path: string,
  settings: object,
  resume: boolean,
  take?: (entry: T) => void,
): Promise<{ readonly earlier: readonly T[] | undefined; readonly add: (entry: T) => Promise<void> }> {
  const head = JSON.stringify({ snellen: VERSION, ...settings });
  const add = (entry: T) => appendToFile(path, `${JSON.stringify(entry)}\n`);
  const earlier: T[] = [];
  const keep = take ?? ((entry: T) => void earlier.push(entry));
  let end = 0;
  let isOther = false;
  if (resume)
    for await (const line of wholeLines(path)) {
      isOther = end === 0 && line.text !== head;
      if (isOther) break;
      if (end > 0) taken(line, path, (value) => keep(value as T));
      end = line.end;
    }
  if (end > 0) await truncate(path, end);
  else {
    // somebody who meant to go on should not lose it by a flag
    if (isOther) await rename(path, `${path}.old`);
    await writeFileAtomic(path, `${head}\n`);
  }
  return { earlier: isOther ? undefined : earlier, add };
}

/**
 * A journal that another run wrote, without a line that was cut off.
 * @param open gets the settings, and gives what takes the entries
 * @throws UsageError `no-journal` where there is none, `bad-journal` for a line that is no JSON
 */
export async function readJournal<Settings, T>(
  path: string,
  open: (settings: Settings) => (entry: T) => void,
): Promise<void> {
  let take: ((entry: T) => void) | undefined;
  for await (const line of wholeLines(path)) {
    taken(line, path, (value) => {
      if (take === undefined) take = open((value ?? {}) as Settings);
      else take(value as T);
    });
  }
  if (take !== undefined) return;
  throw new UsageError("no-journal", "there is no journal of a run.", {
    where: path,
    hint: "Give the --out folder of a run.",
  });
}

interface Line {
  readonly text: string;
  readonly number: number;
  /** Bytes of the file up to its end, with it. */
  readonly end: number;
}

const NEWLINE = 0x0a;

/** Lines that end in a newline; none where there is no file. */
async function* wholeLines(path: string): AsyncGenerator<Line> {
  let rest: Buffer = Buffer.alloc(0);
  let [number, end] = [0, 0];
  try {
    for await (const chunk of createReadStream(path)) {
      rest = Buffer.concat([rest, chunk as Buffer]);
      let from = 0;
      for (let at = rest.indexOf(NEWLINE); at >= 0; at = rest.indexOf(NEWLINE, from)) {
        const text = rest.toString("utf8", from, at);
        end += at + 1 - from;
        from = at + 1;
        yield { text, number: ++number, end };
      }
      rest = rest.subarray(from);
    }
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === "ENOENT") return;
    throw (error as NodeJS.ErrnoException).syscall === undefined ? error : unreadable(path, error);
  }
}

const unreadable = (path: string, cause: unknown): UsageError =>
  new UsageError("bad-journal", "cannot be read.", {
    where: path,
    hint: "Check the path and its permissions.",
    cause,
  });

/** @throws UsageError `bad-journal` where the line is no JSON, or nothing that `take` can use */
function taken({ text, number }: Line, path: string, take: (value: unknown) => void): void {
  try {
    take(JSON.parse(text));
  } catch (cause) {
    if (cause instanceof UsageError) throw cause;
    throw new UsageError("bad-journal", `line ${number} is no entry of this journal.`, {
      where: path,
      hint: "The file was damaged: run without --resume, or give another --out.",
      cause,
    });
  }
}
