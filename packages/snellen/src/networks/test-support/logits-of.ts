// Runs a network in memory on one thread, as it is written: nothing is canonicalized before.
import { type Model, serializeModel } from "@snellen/graph";
import { InferenceSession, Tensor } from "onnxruntime-node";

/** Its logits, row by row. @param pixels of `dims` [N, C, H, W] */
export async function logitsOf(
  network: Model,
  pixels: Float32Array,
  dims: readonly number[],
): Promise<number[]> {
  const session = await InferenceSession.create(serializeModel(network), {
    intraOpNumThreads: 1,
    logSeverityLevel: 3,
  });
  try {
    const { logits } = await session.run({ image: new Tensor("float32", pixels, dims) });
    return Array.from(logits?.data as Float32Array);
  } finally {
    await session.release();
  }
}
