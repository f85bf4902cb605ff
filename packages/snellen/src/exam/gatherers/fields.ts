// R of the default layer and of the score over a sample of the images, and the sizes of the objects in them: all in one pass.
// Kim et al., arXiv:2108.13576, Algorithm 1.

import { evenly } from "../../images/evenly.ts";
import type { Source } from "../../images/stream.ts";
import { measureFieldAndScore } from "../../receptive-field/effective/field-and-score.ts";
import type { Fields, GatherContext, ImagePrediction, Maker, NoAnswer } from "../artifacts.ts";
import { unlessNoGradient } from "../no-gradient.ts";
import { objectSizes } from "../object-sizes.ts";

/** R is then known to about a quarter (relative standard error of nine networks: 0.18 to 0.44), which its shape needs. */
const SAMPLE = 64;

export const fields: Maker<"fields", "predictions"> = {
  id: "fields",
  needs: ["predictions"],
  async make({ predictions }, context): Promise<Fields | NoAnswer> {
    if (predictions.length === 0) return { reason: "No image could be read." };
    return unlessNoGradient("Receptive fields", () => measured(evenly(predictions, SAMPLE), context));
  },
};

async function measured(sample: readonly ImagePrediction[], context: GatherContext): Promise<Fields> {
  const { model, batch, signal, onSkip = () => undefined, onProgress } = context;
  const { info } = model;
  const objects: number[] = [];
  const sources = sample.map(({ index }) => {
    const { source, read } = context.images.entries[index] as GatherContext["images"]["entries"][number];
    const image = async () => {
      const found = await read();
      objects.push(...objectSizes(info.preprocessing.spec, found));
      return found;
    };
    return { source, read: image } satisfies Source<unknown>;
  });
  const found = await measureFieldAndScore(model, info.layers.default, sources, {
    batch,
    signal,
    onSkip,
    onBatch: ({ position }) => onProgress?.("receptive fields", position / sources.length),
  });
  return { ...found, objects: objects.sort((a, b) => a - b) };
}
