// Writing results so that nobody ever sees half of one: a temporary file in the same folder, then a rename.
// What is left of an interrupted run is removed, and a folder that cannot be written is the user's to know, not a stack trace.
import { unlinkSync } from "node:fs";
import { appendFile, type FileHandle, mkdir, open, rename, stat, unlink } from "node:fs/promises";
import { basename, dirname, join, resolve } from "node:path";
import { UsageError } from "@snellen/graph";

/** What can be written: text as UTF-8, bytes, or chunks that follow one another. */
export type FileContent = string | Uint8Array | Iterable<Uint8Array> | AsyncIterable<Uint8Array>;

/** What operating systems' error codes mean for somebody who gave an output path. */
const REASONS: Readonly<Record<string, string>> = {
  EACCES: "permission denied",
  EPERM: "permission denied",
  EROFS: "the file system is read-only",
  ENOENT: "the folder does not exist",
  ENOTDIR: "part of the path is a file, not a folder",
  EEXIST: "a file of that name is in the way",
  EISDIR: "it is a folder",
  ENOTEMPTY: "it is a folder",
  ENOSPC: "the disk is full",
  EDQUOT: "the disk quota is used up",
  ENAMETOOLONG: "the name is too long",
};

function outputError(path: string, cause: unknown): unknown {
  const reason = REASONS[(cause as NodeJS.ErrnoException).code ?? ""];
  if (reason === undefined) return cause;
  return new UsageError("output-not-writable", `cannot write: ${reason}.`, {
    where: path,
    hint: "Give another --out.",
    cause,
  });
}

/** Temporary files of writes under way, for the signal handlers. */
const underWay = new Set<string>();
let written = 0;

function removeTemporaryFiles(): void {
  for (const path of underWay) {
    try {
      unlinkSync(path);
    } catch {
      // Not created yet, or renamed already: nothing is left to remove.
    }
  }
  underWay.clear();
}

const SIGNALS = ["SIGINT", "SIGTERM", "SIGHUP"] as const;

function onSignal(signal: NodeJS.Signals): void {
  removeTemporaryFiles();
  unwatch();
  // Where nobody else handles the signal, it must still end the process, as it would have without us.
  if (process.listenerCount(signal) === 0) process.kill(process.pid, signal);
}

function watch(): void {
  for (const signal of SIGNALS) process.on(signal, onSignal);
  process.on("exit", removeTemporaryFiles);
}

function unwatch(): void {
  for (const signal of SIGNALS) process.off(signal, onSignal);
  process.off("exit", removeTemporaryFiles);
}

/** Runs `work` with the path of a temporary file that is gone afterwards, however the work or the process ends. */
async function withTemporaryFile<T>(beside: string, work: (temporary: string) => Promise<T>): Promise<T> {
  const temporary = join(dirname(beside), `.${basename(beside)}.${process.pid}-${written++}.tmp`);
  if (underWay.size === 0) watch();
  underWay.add(temporary);
  try {
    return await work(temporary);
  } catch (error) {
    await unlink(temporary).catch(() => undefined);
    throw error;
  } finally {
    underWay.delete(temporary);
    if (underWay.size === 0) unwatch();
  }
}

async function writeAll(file: FileHandle, content: FileContent): Promise<void> {
  if (typeof content === "string" || content instanceof Uint8Array) {
    await file.writeFile(content);
    return;
  }
  for await (const chunk of content) await file.writeFile(chunk);
}

/**
 * Writes a file in one step: readers see the old content or the whole new one.
 *
 * @throws UsageError `output-not-writable` (folder missing or read-only, disk full, a folder of that name, …); no temporary
 *   file is left then, nor after SIGINT.
 */
export async function writeFileAtomic(path: string, content: FileContent): Promise<void> {
  const target = resolve(path);
  try {
    await withTemporaryFile(target, async (temporary) => {
      const file = await open(temporary, "wx");
      try {
        await writeAll(file, content);
      } finally {
        await file.close();
      }
      await rename(temporary, target);
    });
  } catch (error) {
    throw outputError(path, error);
  }
}

/**
 * Adds text to the end of a file; what was there before stays, whatever happens.
 * @throws UsageError `output-not-writable`, as where the disk is full; part of the text may be there then.
 */
export async function appendToFile(path: string, text: string): Promise<void> {
  await appendFile(path, text).catch((error: unknown) => {
    throw outputError(path, error);
  });
}

/**
 * Makes an output folder (and the folders above it) and tries a write there, so that a mistake shows before the work starts.
 * @throws UsageError `output-not-writable`.
 */
export async function ensureFolder(path: string): Promise<void> {
  try {
    await makeFolder(resolve(path));
    // Permission bits do not tell: read-only mounts and network folders fail only when written.
    await withTemporaryFile(join(resolve(path), "write-test"), async (temporary) => {
      await (await open(temporary, "wx")).close();
      await unlink(temporary);
    });
  } catch (error) {
    throw outputError(path, error);
  }
}

/** Node's own recursion never ends where a folder that exists takes none, as /proc. */
async function makeFolder(path: string): Promise<void> {
  if ((await kindOfPath(path)) === "folder") return;
  if ((await kindOfPath(dirname(path))) === "missing") await makeFolder(dirname(path));
  await mkdir(path).catch(async (error) => {
    // somebody else may have made it meanwhile
    if ((await kindOfPath(path)) !== "folder") throw error;
  });
}

/** What a path is: a file, a folder, or nothing that can be reached. */
export async function kindOfPath(path: string): Promise<"file" | "folder" | "missing"> {
  const stats = await stat(path).catch(() => undefined);
  if (stats === undefined) return "missing";
  return stats.isDirectory() ? "folder" : "file";
}
