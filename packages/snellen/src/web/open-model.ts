// Opens a model in the browser from the bytes of a dropped or fetched file.
import { parseModel } from "@snellen/graph";
import type { Runtime, SessionOptions } from "../runtime/runtime.ts";
import { type DescribeOptions, describeModel } from "../vision-model/describe.ts";
import { createVisionModel, type VisionModel } from "../vision-model/vision-model.ts";

export interface OpenBytesOptions extends DescribeOptions {
  readonly runtime: Runtime;
  /** What the file is called; derived graphs refer to it by this name. */
  readonly name?: string;
  readonly session?: SessionOptions;
}

/**
 * The bytes are kept and shared by every derived graph, never copied; they must not change.
 * @throws ModelError, UsageError, UnsupportedError: what is wrong, where, and what to do
 */
export function openModel(
  bytes: Uint8Array,
  { runtime, name = "model.onnx", session, ...options }: OpenBytesOptions,
): VisionModel {
  const info = describeModel(parseModel(bytes), options);
  const home = { location: name, weights: { files: new Map([[name, bytes]]) } };
  return createVisionModel(info, { runtime, home, session });
}
