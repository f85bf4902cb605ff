// Opens a model file in Node: reads it, looks for config files beside it, and joins it with ONNX Runtime.
import { readFile } from "node:fs/promises";
import { basename, dirname, join } from "node:path";
import {
  loadExternalTensors,
  type Model,
  ModelError,
  parseModel,
  type ReadRange,
  serializeByReference,
  type Tensor,
} from "@snellen/graph";
import { parseLabels } from "../datasets/labels.ts";
import type { Device } from "../runtime/runtime.ts";
import { type DescribeOptions, describeModel } from "../vision-model/describe.ts";
import type { Sidecars } from "../vision-model/preprocessing.ts";
import { parseSidecar, SIDECAR_FILES } from "../vision-model/sidecars.ts";
import { createVisionModel, type VisionModel } from "../vision-model/vision-model.ts";
import { kindOfPath } from "./files.ts";
import { type ModelFile, openModelFile } from "./model-file.ts";
import { createNodeRuntime } from "./runtime.ts";

/** What the caller knows of a model, and what it is to run on. */
export interface OpenOptions extends Omit<DescribeOptions, "sidecars" | "labels"> {
  /** File of class names. */
  readonly labelsFile?: string;
  readonly labels?: readonly string[];
  readonly threads?: number;
  readonly device?: Device;
}

/** A model that was opened from a file. */
export interface OpenedModel extends VisionModel {
  /** The file's name, as it was given. */
  readonly name: string;
  /** Reads weights of `info.model` that stayed on disk, for `writeModelFile`. */
  readonly readExternal: ReadRange;
}

/**
 * Opens an ONNX file for methods and exams. Dispose it (`await using`) when done.
 * @throws ModelError, UsageError, UnsupportedError: what is wrong, where, and what to do
 */
export async function openModel(path: string, options: OpenOptions = {}): Promise<OpenedModel> {
  return await openModelOf(await openModelGraph(path), options);
}

/**
 * The same of a model file in memory, whose graph may have been changed: its weights lie where the file has them.
 * @throws what `openModel` throws
 */
export async function openModelOf(file: ModelFile, options: OpenOptions = {}): Promise<OpenedModel> {
  const { model, name, folder, fileName, readExternal } = file;
  const labels =
    options.labels ??
    (options.labelsFile === undefined
      ? undefined
      : parseLabels(await readText(options.labelsFile), options.labelsFile));
  const info = describeModel(model, { ...options, labels, sidecars: await readSidecars(file) });
  const vision = createVisionModel(info, {
    runtime: createNodeRuntime(),
    home: { location: fileName, weights: { folder } },
    session: { threads: options.threads, device: options.device },
  });
  return { ...vision, name, readExternal };
}

/** External tensors up to this size are read: shapes, axes, norms and scales, which passes look into. */
const SMALL_BYTES = 64 * 1024;

/** Above this file size the weights are let go once their places are known. */
const LARGE_FILE_BYTES = 64 * 1024 * 1024;

/**
 * A model file ready for passes: its small tensors are in memory, large weights stay where they are, on disk.
 * @throws what `openModelFile` throws
 */
export async function openModelGraph(path: string): Promise<ModelFile> {
  const file = await openModelFile(path);
  const isSmall = (_: string, { data }: Tensor) => data.length <= SMALL_BYTES;
  const model = withoutLargeBytes(file.model, file.fileName);
  return { ...file, model: await loadExternalTensors(model, file.readExternal, isSmall) };
}

/** The same model with its weights as references into its own file, so that the file's bytes can be collected. */
function withoutLargeBytes(model: Model, fileName: string): Model {
  const isLarge = (model.bytes?.byteLength ?? 0) > LARGE_FILE_BYTES;
  if (!isLarge) return model;
  // what is inline in the small file is not where derived graphs would look for it: in the user's own
  const { bytes: _, ...small } = parseModel(serializeByReference(model, fileName));
  return small;
}

async function readText(path: string): Promise<string> {
  try {
    return await readFile(path, "utf8");
  } catch (cause) {
    throw new ModelError("unreadable-file", "cannot be read.", {
      where: path,
      hint: "Check the path.",
      cause,
    });
  }
}

/** Config files beside the model, and beside the link by which it was given; what comes first counts. */
export async function sidecarFiles({ homes }: Pick<ModelFile, "homes">): Promise<string[]> {
  const paths = homes
    .flatMap(configFolders)
    .flatMap((folder) => SIDECAR_FILES.map((name) => join(folder, name)));
  const kinds = await Promise.all(paths.map(kindOfPath));
  return paths.filter((_, i) => kinds[i] === "file");
}

/** Hugging Face keeps ONNX files in a folder `onnx` below the configs. */
const configFolders = (home: string): string[] =>
  basename(home) === "onnx" ? [home, dirname(home)] : [home];

async function readSidecars(file: ModelFile): Promise<Sidecars> {
  let found: Sidecars = {};
  for (const path of await sidecarFiles(file)) {
    const text = await readFile(path, "utf8").catch(() => undefined);
    if (text !== undefined) found = { ...(await parseSidecar(text, basename(path))), ...found };
  }
  return found;
}
