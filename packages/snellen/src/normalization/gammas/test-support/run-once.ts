// Runs a small model of a test once in ONNX Runtime.
import { type Model, serializeModel } from "@snellen/graph";
import type { Tensor } from "onnxruntime-common";
import { createNodeRuntime } from "../../../node/runtime.ts";

const runtime = createNodeRuntime();

/** Every output of a model for these inputs. */
export async function runOnce(model: Model, feeds: Record<string, Tensor>): Promise<Record<string, Tensor>> {
  const session = await runtime.createSession({ bytes: serializeModel(model) }, { threads: 1 });
  try {
    return await session.run(feeds);
  } finally {
    await session.dispose();
  }
}
