// Opens a model in the browser from the bytes of dropped or fetched files: the ONNX file, its external data, configs beside it.
import {
  type ExternalBytes,
  externalTensors,
  loadExternalTensors,
  type Model,
  ModelError,
  parseModel,
  type ReadRange,
  renameLocations,
} from "@snellen/graph";
import type { Runtime, SessionOptions } from "../runtime/runtime.ts";
import { type DescribeOptions, describeModel } from "../vision-model/describe.ts";
import { createVisionModel, type ModelHome, type VisionModel } from "../vision-model/vision-model.ts";

/** A model's files in memory; the bytes are kept and shared by every derived graph, never copied, and must not change. */
export interface ModelBytes {
  readonly model: Model;
  /** What the file is called; derived graphs refer to it by this name. */
  readonly name: string;
  readonly home: ModelHome;
}

/** What a model is opened with: a runtime, its external data, and what the caller knows of it. */
export interface OpenBytesOptions extends DescribeOptions {
  readonly runtime: Runtime;
  readonly name?: string;
  /** External data by file name; folders in front of it do not matter, as browsers do not tell them. */
  readonly data?: ReadonlyMap<string, Uint8Array>;
  readonly session?: SessionOptions;
}

/**
 * Opens an ONNX file for methods and exams. Dispose of it (`await using`) when done.
 * @param bytes the file; kept and shared by every derived graph, so that it must not change
 * @throws ModelError, UsageError, UnsupportedError: what is wrong, where, and what to do
 */
export async function openModel(
  bytes: Uint8Array,
  { name, data, ...options }: OpenBytesOptions,
): Promise<VisionModel> {
  return openModelOf(await readModelBytes(bytes, { name, data }), options);
}

/**
 * Parses the file and finds its external data.
 * @throws ModelError `missing-external-data`, `truncated-external-data`, what `parseModel` throws
 */
export async function readModelBytes(
  bytes: Uint8Array,
  { name = "model.onnx", data = new Map() }: Pick<OpenBytesOptions, "name" | "data"> = {},
): Promise<ModelBytes> {
  const parsed = parseModel(bytes, name);
  const model = await loadExternalTensors(renameLocations(parsed, fileNameOf), readFrom(parsed, data));
  return { model, name, home: { location: name, weights: { files: new Map([...data, [name, bytes]]) } } };
}

/** The same of a model whose graph may have been changed: its weights lie where the file has them. */
export function openModelOf(
  { model, home }: ModelBytes,
  { runtime, session, ...options }: Omit<OpenBytesOptions, "name" | "data">,
): VisionModel {
  return createVisionModel(describeModel(model, options), { runtime, home, session });
}

const fileNameOf = (location: string): string => location.split(/[\\/]/).at(-1) as string;

function readFrom(model: Model, data: ReadonlyMap<string, Uint8Array>): ReadRange {
  const wanted = [...new Set(externalTensors(model).map(({ tensor }) => fileNameOf(tensor.data.location)))];
  const missing = wanted.filter((file) => !data.has(file));
  if (missing.length > 0) {
    const names = missing.map((file) => `"${file}"`).join(", ");
    throw new ModelError("missing-external-data", `the model keeps its weights in ${names}, not given.`, {
      hint: "Give the .onnx file and these files together.",
    });
  }
  // views, no copies; a short one is told by whoever asked
  return async ({ location, offset, length }: ExternalBytes) =>
    (data.get(location) as Uint8Array).subarray(offset, offset + length);
}
