// Runs models of tests in ONNX Runtime, and pads kernels under its eyes: the outputs must stay.
import { type Model, serializeModel } from "@snellen/graph";
import type { Tensor } from "onnxruntime-common";
import { expect } from "vitest";
import { createNodeRuntime } from "../../../node/runtime.ts";
import { type PaddedKernels, type PadKernelsOptions, padKernels } from "../kernel-padding.ts";
import { noiseFeeds, outputDifference } from "../output-difference.ts";

const runtime = createNodeRuntime();

export async function run(model: Model, feeds: Record<string, Tensor>): Promise<Record<string, Tensor>> {
  const session = await runtime.createSession({ bytes: serializeModel(model) }, { threads: 1 });
  try {
    return await session.run(feeds);
  } finally {
    await session.dispose();
  }
}

/** Rounding of float32 sums in another order; integer outputs must be equal. */
const ROUNDING = 1e-6;

/** Pads a model and checks that its outputs stay, at each of some sizes. */
export async function padded(
  model: Model,
  options: PadKernelsOptions = {},
  sizes = [{}] as Record<string, number>[],
): Promise<PaddedKernels> {
  const before = serializeModel(model);
  const result = padKernels(model, options);
  expect(serializeModel(model), "the original").toEqual(before);
  for (const [seed, size] of sizes.entries()) {
    const feeds = noiseFeeds(model, size, seed);
    const [a, b] = [await run(model, feeds), await run(result.model, feeds)];
    expect(outputDifference([a], [b]).relative, JSON.stringify(size)).toBeLessThanOrEqual(ROUNDING);
    for (const name of Object.keys(a)) expect(b[name]?.dims).toEqual(a[name]?.dims);
  }
  return result;
}
