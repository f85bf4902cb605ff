// Finds and reads the files of a data set, packed or not: their length is checked against their beginning before memory is
// taken, and the memory is shared, so that threads read the same bytes.
import { createReadStream } from "node:fs";
import { open, stat } from "node:fs/promises";
import { join } from "node:path";
import { createGunzip } from "node:zlib";
import { UsageError } from "@snellen/graph";
import {
  type DataFile,
  type FileSet,
  HEAD_BYTES,
  MOST_BYTES,
  type ReadDataFile,
  type Split,
} from "../datasets/file-set.ts";
import { badDataFile } from "../datasets/formats/bad-data-file.ts";
import { requireLength } from "../datasets/formats/idx.ts";
import { kindOfPath } from "./files.ts";
import { fill } from "./read-bytes.ts";

/** Deflate packs at most 1032 bytes into one (zlib's technical notes). */
const MOST_PACKED = 1032;

/**
 * The files of a set's split; undefined for an optional one that is not there.
 * @param folder default where the set's package puts it
 * @throws UsageError `dataset-not-found` with what to install or give; `bad-data-file`
 */
export async function readDataFiles(
  set: FileSet,
  split: Split,
  folder: string | undefined,
): Promise<(ReadDataFile | undefined)[]> {
  const wanted = set.files(split);
  const folders = await foldersOf(set, folder);
  const read = [];
  for (const data of wanted) {
    const path = await firstFile(folders, data.names);
    if (path === undefined && data.isOptional !== true) throw notFound(set, folder, data);
    read.push(path === undefined ? undefined : { file: path, bytes: await readDataFile(path, data) });
  }
  return read;
}

async function foldersOf(set: FileSet, given: string | undefined): Promise<string[]> {
  const folder = given ?? set.packaged?.folder;
  if (folder === undefined) {
    throw new UsageError("dataset-not-found", `${set.id} needs the folder of its files.`, {
      where: "--data",
      hint: `Write ${set.id}:/path/of/the/folder.`,
    });
  }
  if ((await kindOfPath(folder)) !== "folder") throw notFound(set, given, undefined);
  return [folder, ...(set.subfolders ?? []).map((name) => join(folder, name))];
}

function notFound(set: FileSet, given: string | undefined, data: DataFile | undefined): UsageError {
  const folder = given ?? set.packaged?.folder;
  const what =
    data === undefined ? "there is no such folder." : `the folder holds no ${data.names.join(", no ")}.`;
  const install = set.packaged && given === undefined ? `apt-get install ${set.packaged.package}, or ` : "";
  return new UsageError("dataset-not-found", what, {
    where: folder,
    hint: `For ${set.id}: ${install}give the folder of its files as ${set.id}:/path/of/the/folder.`,
  });
}

async function firstFile(folders: readonly string[], names: readonly string[]): Promise<string | undefined> {
  for (const folder of folders) {
    for (const name of names) {
      if ((await kindOfPath(join(folder, name))) === "file") return join(folder, name);
    }
  }
  return undefined;
}

/** @throws UsageError `bad-data-file` */
async function readDataFile(path: string, { lengthOf }: DataFile): Promise<Uint8Array> {
  const isPacked = path.endsWith(".gz");
  return isPacked ? unpack(path, lengthOf) : readPlain(path, lengthOf);
}

const sharedBytes = (length: number): Uint8Array => new Uint8Array(new SharedArrayBuffer(length));

async function readPlain(path: string, lengthOf: DataFile["lengthOf"]): Promise<Uint8Array> {
  const file = await open(path).catch((cause) => {
    throw badDataFile(`cannot be opened: ${(cause as Error).message}.`, path, cause);
  });
  try {
    const { size } = await file.stat();
    const head = new Uint8Array(Math.min(HEAD_BYTES, size));
    await fill(file, head);
    const length = lengthOf(head, size, path);
    requireLength(size, length, path);
    const bytes = sharedBytes(length);
    requireLength(await fill(file, bytes), length, path);
    return bytes;
  } finally {
    await file.close();
  }
}

async function unpack(path: string, lengthOf: DataFile["lengthOf"]): Promise<Uint8Array> {
  const { size } = await stat(path);
  let head: Uint8Array = new Uint8Array(0);
  let bytes: Uint8Array | undefined;
  let at = 0;
  const add = (chunk: Uint8Array): void => {
    const end = at + chunk.length;
    const room = bytes?.length ?? 0;
    if (end > room) requireLength(end, room, path);
    bytes?.set(chunk, at);
    at = end;
  };
  const begin = (): void => {
    bytes = sharedBytes(checkedLength(lengthOf(head.subarray(0, HEAD_BYTES), undefined, path), size, path));
    add(head);
  };
  const unpacked = createReadStream(path)
    .on("error", (error) => unpacked.destroy(error))
    .pipe(createGunzip());
  try {
    for await (const chunk of unpacked as AsyncIterable<Uint8Array>) {
      if (bytes !== undefined) {
        add(chunk);
        continue;
      }
      head = Buffer.concat([head, chunk]);
      if (head.length >= HEAD_BYTES) begin();
    }
  } catch (cause) {
    if (cause instanceof UsageError) throw cause;
    throw badDataFile(`cannot be unpacked: ${(cause as Error).message}.`, path, cause);
  }
  if (bytes === undefined) begin();
  requireLength(at, bytes!.length, path);
  return bytes!;
}

/** A header can promise what a file of this size cannot hold; memory is not taken for it. */
function checkedLength(length: number, packedSize: number, path: string): number {
  if (length <= Math.min(MOST_BYTES, MOST_PACKED * packedSize)) return length;
  throw badDataFile(
    `is cut off: its header promises ${length} bytes, it has ${packedSize} packed ones.`,
    path,
  );
}
