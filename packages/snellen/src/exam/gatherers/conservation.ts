// How far each method's cells are from summing to the score they explain, before Extended-CAM spreads what is missing, on a
// sample of the images.
import { quickMethods } from "../../cam/quick-methods.ts";
import { evenly } from "../../images/evenly.ts";
import type { Maker } from "../artifacts.ts";
import { imageBatches } from "../batches.ts";

/** Enough for a median; every method that the network allows runs on the same images. */
const SAMPLE = 16;

export const conservation: Maker<"conservation", "predictions"> = {
  id: "conservation",
  needs: ["predictions"],
  async make({ predictions }, context) {
    const { model, signal, onProgress } = context;
    if (model.info.layers.default === undefined) return [];
    const indices = evenly(predictions, SAMPLE).map((p) => p.index);
    const methods = quickMethods(model);
    const found = methods.map(({ id }) => ({ method: id, errors: [] as number[] }));
    for await (const part of imageBatches(context, indices)) {
      const images = part.map((p) => p.image);
      for (const maps of await model.cams(
        images,
        methods.map((m) => m.id),
        { signal },
      ))
        for (const [i, { remainder, score }] of maps.entries())
          found[i]?.errors.push(remainder === 0 ? 0 : Math.abs(remainder / score));
      onProgress?.("conservation", (found[0]?.errors.length ?? 0) / indices.length);
    }
    return found;
  },
};
