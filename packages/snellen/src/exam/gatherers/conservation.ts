// How far each method's cells are from summing to the score they explain, on a sample of the images.
import { SnellenError } from "@snellen/graph";
import { camMethods } from "../../cam/methods/index.ts";
import type { Maker } from "../artifacts.ts";
import { imageBatches } from "../batches.ts";

/** Enough for a median; every method runs on the same images. */
const SAMPLE = 16;

export const conservation: Maker<"conservation", "predictions"> = {
  id: "conservation",
  needs: ["predictions"],
  async make({ predictions }, context) {
    const { model, signal, onProgress } = context;
    if (model.info.layers.default === undefined) return [];
    const step = Math.max(1, Math.floor(predictions.length / SAMPLE));
    const indices = predictions
      .filter((_, i) => i % step === 0)
      .slice(0, SAMPLE)
      .map((p) => p.index);
    const found: { method: string; errors: number[] }[] = [];
    for (const [i, { id }] of camMethods.entries()) {
      const errors: number[] = [];
      try {
        for await (const part of imageBatches(context, indices)) {
          const maps = await model.cam(
            part.map((p) => p.image),
            { method: id, signal },
          );
          errors.push(...maps.map((m) => m.conservationError));
        }
        found.push({ method: id, errors });
      } catch (error) {
        // a method that this network does not allow (CAM without a linear head) has no row
        if (!(error instanceof SnellenError && error.code === "no-linear-head")) throw error;
      }
      onProgress?.("conservation", (i + 1) / camMethods.length);
    }
    return found;
  },
};
