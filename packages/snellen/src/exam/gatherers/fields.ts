// R of the default layer and of the score over a sample of the images, and the sizes of the objects in them: all in one pass.
// Kim et al., arXiv:2108.13576, Algorithm 1.

import { evenly } from "../../images/evenly.ts";
import { channelCount } from "../../images/preprocess-spec.ts";
import type { Source } from "../../images/stream.ts";
import { summarizeDeadPixels } from "../../receptive-field/dead-pixels/dead-pixel-summary.ts";
import { type Accumulation, accumulation } from "../../receptive-field/effective/accumulation.ts";
import { type FieldSum, fieldMapOf } from "../../receptive-field/effective/field-sum.ts";
import { summarizeField } from "../../receptive-field/effective/field-summary.ts";
import { labelledOrPredicted, runFields } from "../../receptive-field/effective/run-fields.ts";
import type { FeatureLayer } from "../../vision-model/layers.ts";
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
  const layer = info.layers.default;
  const plan = {
    layers: layer === undefined ? [] : [layer],
    target: labelledOrPredicted(info),
    accumulation: accumulation("dead-pixels"),
  };
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
  const { sums } = await runFields(model, plan, sources, {
    batch,
    signal,
    onSkip,
    onBatch: ({ position }) => onProgress?.("receptive fields", position / sources.length),
  });
  const score = sums.at(-1) as FieldSum;
  const map = fieldMapOf(score);
  return {
    layer: layer && ofLayer(context, layer, plan.accumulation, sums[0] as FieldSum),
    score: { map, summary: summarizeDeadPixels(info, map, score.curve) },
    objects: objects.sort((a, b) => a - b),
  };
}

function ofLayer(
  { model: { info } }: GatherContext,
  layer: FeatureLayer,
  accumulation: Accumulation,
  sum: FieldSum,
): Fields["layer"] {
  const map = fieldMapOf(sum);
  const colours = channelCount(info.preprocessing.spec.channels);
  return { map, summary: summarizeField(layer, map, { accumulation, colours, convergence: sum.curve }) };
}
