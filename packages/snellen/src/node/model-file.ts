// ONNX model files on disk: opened with their external data checked, written in pieces without copying weights.
// Above what one protobuf file may hold, weights go to a data file beside the model.
import { open, readdir, realpath, stat } from "node:fs/promises";
import { basename, dirname, extname, isAbsolute, join, relative, resolve, sep } from "node:path";
import {
  closest,
  type ExternalBytes,
  externalizeWeights,
  externalTensors,
  loadExternalTensors,
  MAX_FILE_BYTES,
  type Model,
  ModelError,
  modelChunks,
  type Piece,
  parseModel,
  type ReadRange,
  recognizeForeignFile,
  renameLocations,
  selfContainedPieces,
  type Tensor,
  truncatedExternal,
  UnsupportedError,
} from "@snellen/graph";
import { externalParts } from "./external-parts.ts";
import { writeFileAtomic } from "./files.ts";
import { readUpTo } from "./read-bytes.ts";

export interface ModelFile {
  readonly model: Model;
  /** The file's name in the path that was given, which may be a link's. */
  readonly name: string;
  /** The folder of that path, and the one that the file itself lies in: files that belong to the model are in either. */
  readonly homes: readonly string[];
  /**
   * Where the file really is, links followed: ONNX Runtime takes only references that stay in one folder. External data of
   * `model` is relative to this folder too.
   */
  readonly folder: string;
  readonly fileName: string;
  /** Real paths of external data, by the locations that the file itself names. */
  readonly dataFiles: ReadonlyMap<string, string>;
  /** Reads external data of this model, for `loadExternalTensors`. */
  readonly readExternal: ReadRange;
}

/**
 * Reads a model from disk, once and into memory of its own, and checks that its external data is there.
 * @throws ModelError `no-such-file`, `not-a-file`, `unreadable-file`, `missing-external-data`, `truncated-external-data`,
 * `unsafe-location`, and those of `parseModel`
 * @throws UnsupportedError `too-large` above 2 GiB, which no protobuf file may have
 */
export async function openModelFile(path: string): Promise<ModelFile> {
  const model = parseModel(await readModelBytes(path), path);
  const real = await realpath(path);
  const folder = dirname(real);
  const homes = [...new Set([dirname(resolve(path)), folder])];
  const dataFiles = await checkExternalData(model, homes);
  const nameOf = (location: string): string => {
    const name = relative(folder, dataFiles.get(location) as string);
    return isUpward(name) ? location : name.split(sep).join("/");
  };
  const pathOf = new Map([...dataFiles].map(([location, file]) => [nameOf(location), file]));
  return {
    model: renameLocations(model, nameOf),
    name: basename(path),
    homes,
    folder,
    fileName: basename(real),
    dataFiles,
    readExternal: (at) => readFileRange(pathOf.get(at.location) ?? join(folder, at.location), at),
  };
}

async function readFileRange(path: string, { offset, length }: ExternalBytes): Promise<Uint8Array> {
  const file = await open(path, "r");
  try {
    return await readUpTo(file, offset, length);
  } finally {
    await file.close();
  }
}

async function readModelBytes(path: string): Promise<Uint8Array> {
  // Asked before opening, which would wait for ever on a pipe.
  const info = await stat(path).catch((cause) => rethrow(path, cause));
  if (info.isDirectory()) throw await folderError(path);
  if (!info.isFile()) throw new ModelError("not-a-file", "this is not a regular file.", { where: path });
  const file = await open(path, "r").catch((cause) => rethrow(path, cause));
  try {
    const foreign = recognizeForeignFile(await readUpTo(file, 0, Math.min(64, info.size)));
    if (foreign !== undefined)
      throw new ModelError("not-onnx", `this is ${foreign.what}.`, { where: path, hint: foreign.hint });
    if (info.size > MAX_FILE_BYTES) {
      throw new UnsupportedError("too-large", `${info.size} bytes; an ONNX file holds at most 2 GiB.`, {
        where: path,
        hint: "Save the model with external data.",
      });
    }
    return await readUpTo(file, 0, info.size);
  } finally {
    await file.close();
  }
}

async function rethrow(path: string, cause: NodeJS.ErrnoException): Promise<never> {
  if (cause.code === "ENOENT" || cause.code === "ENOTDIR") throw await noSuchFile(path, cause);
  throw new ModelError("unreadable-file", `cannot read the file (${cause.code}).`, { where: path, cause });
}

const filesIn = (folder: string): Promise<string[]> => readdir(folder).catch(() => []);

async function noSuchFile(path: string, cause: unknown): Promise<ModelError> {
  const folder = dirname(path);
  const near = closest(
    basename(path),
    (await filesIn(folder)).filter((name) => extname(name) === ".onnx"),
  );
  const hint =
    near === "" ? `No .onnx file lies in ${resolve(folder)}.` : `Did you mean ${join(folder, near)}?`;
  return new ModelError("no-such-file", "no such file.", { where: path, hint, cause });
}

async function folderError(path: string): Promise<ModelError> {
  const model = (await filesIn(path)).find((name) => extname(name) === ".onnx");
  const hint = model === undefined ? "Give a .onnx file." : `Did you mean ${join(path, model)}?`;
  return new ModelError("not-a-file", "this is a folder.", { where: path, hint });
}

const isUpward = (way: string): boolean => way === ".." || way.startsWith(`..${sep}`) || isAbsolute(way);

/**
 * Checks that each external tensor lies whole in a file that the model may name.
 * @param homes the folder that locations are relative to, and the one that the model itself is a link into, as in Hugging
 * Face's cache; data may lie under either, links followed, and nowhere else
 * @returns the real path of each location
 */
async function checkExternalData(model: Model, homes: readonly string[]): Promise<Map<string, string>> {
  const found = new Map<string, { path: string; size: number }>();
  for (const { name, tensor } of externalTensors(model)) {
    const { location, offset, length } = tensor.data;
    const file = found.get(location) ?? (await findExternal(location, name, homes));
    found.set(location, file);
    if (offset + length > file.size)
      throw truncatedExternal(name, tensor.data, Math.max(0, file.size - offset));
  }
  return new Map([...found].map(([location, file]) => [location, file.path]));
}

async function findExternal(location: string, tensor: string, homes: readonly string[]) {
  const where = `tensor "${tensor}"`;
  const wanted = join(homes[0] as string, location);
  const path = await realpath(wanted).catch((cause) => {
    const reason = cause.code === "ENOENT" ? "is missing" : `cannot be read (${cause.code})`;
    throw new ModelError("missing-external-data", `external data "${location}" ${reason}.`, {
      where,
      hint: `Put that file at ${wanted}, as the exporter did.`,
      cause,
    });
  });
  const realHomes = await Promise.all(homes.map((home) => realpath(home)));
  if (realHomes.every((home) => isUpward(relative(home, path)))) {
    throw new ModelError(
      "unsafe-location",
      `external data "${location}" is a link out of the model's folder.`,
      {
        where,
        hint: "Put the file itself beside the model.",
      },
    );
  }
  return { path, size: (await stat(path)).size };
}

/** Files above this go to external data, with room for what other writers add to a graph. */
const SELF_CONTAINED_BYTES = 1.9 * 2 ** 30;

/** Where weights come from that are not in memory, and how large one file may become. */
export interface WriteOptions {
  /** Reads the model's own external data, when it has some: `readExternal` of the file it came from. */
  readonly readExternal?: ReadRange;
  /** Largest self-contained file; default 1.9 GiB. */
  readonly maxBytes?: number;
}

/**
 * Writes a model as one self-contained file, or, where that would be too large, as `<path>` and `<path>.data`. Weights are
 * not copied in memory; a reader never sees half a file.
 * @returns paths of the files written
 * @throws UsageError `output-not-writable`; ModelError `truncated-external-data`
 */
export async function writeModelFile(
  path: string,
  model: Model,
  options: WriteOptions = {},
): Promise<string[]> {
  const whole = selfContainedPieces(model);
  const length = whole.reduce((n, p) => n + (p instanceof Uint8Array ? p.byteLength : p.length), 0);
  if (length <= (options.maxBytes ?? SELF_CONTAINED_BYTES)) {
    await writeFileAtomic(path, bytesOf(whole, options.readExternal));
    return [path];
  }
  const dataPath = `${path}.data`;
  const externalized = externalizeWeights(await withOthersLoaded(model, options), basename(dataPath));
  await writeFileAtomic(dataPath, bytesOf(externalized.pieces, options.readExternal));
  await writeFileAtomic(path, modelChunks(externalized.model));
  return [path, dataPath];
}

/** Only initializers of the main graph move to the data file; external tensors elsewhere are small, and go into the model. */
async function withOthersLoaded(model: Model, { readExternal }: WriteOptions): Promise<Model> {
  if (readExternal === undefined) return model;
  const isElsewhere = (name: string, tensor: Tensor) => model.graph.initializers.get(name) !== tensor;
  return loadExternalTensors(model, readExternal, isElsewhere);
}

async function* bytesOf(pieces: readonly Piece[], read: ReadRange | undefined): AsyncGenerator<Uint8Array> {
  for (const piece of pieces) {
    if (piece instanceof Uint8Array) yield piece;
    else yield* externalParts(piece.location, piece, read);
  }
}
