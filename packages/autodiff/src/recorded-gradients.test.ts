// Oracle: input gradients of single layers, from both PyTorch exporters, recorded in float64 by tools/reference/layer_gradients.py.
import { expect, it } from "vitest";
import { compareWithRecorded, recordedLayers } from "./test-support/recorded-gradients.ts";

it.each(recordedLayers())("%s has PyTorch's gradient", async (layer) => {
  const { cosine, largestError } = await compareWithRecorded(layer);
  expect(cosine).toBeGreaterThan(0.99999);
  expect(largestError).toBeLessThan(1e-4);
});
