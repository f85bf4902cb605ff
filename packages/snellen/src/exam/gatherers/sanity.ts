// How alike maps stay when the network's weights are randomized, for every method that takes one run, on a few images.
import { quickMethods } from "../../cam/quick-methods.ts";
import { studySanity } from "../../cam/sanity/sanity-study.ts";
import { evenly } from "../../images/evenly.ts";
import type { Maker } from "../artifacts.ts";
import { sampleImages } from "../batches.ts";

/** Each costs a run a level; the mean correlation is then known to about ±0.15. */
const SAMPLE = 8;

export const sanity: Maker<"sanity", "predictions"> = {
  id: "sanity",
  needs: ["predictions"],
  async make({ predictions }, context) {
    const { model, signal, onProgress } = context;
    if (model.info.layers.default === undefined) return undefined;
    const images = await sampleImages(context, evenly(predictions, SAMPLE));
    const methods = quickMethods(model).map(({ id }) => id);
    return studySanity(model, images, methods, {
      signal,
      onProgress: (done) => onProgress?.("sanity check", done),
    });
  },
};
