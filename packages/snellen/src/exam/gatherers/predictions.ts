// Runs every image once and keeps its highest scores.

import { labelIndexOf } from "../../cam/targets/class-reference.ts";
import type { ImageInput } from "../../images/image.ts";
import type { Prediction, VisionModel } from "../../vision-model/vision-model.ts";
import type { GatherContext, ImagePrediction, Maker } from "../artifacts.ts";
import { imageBatches } from "../batches.ts";

const TOP = 5;

export const predictions: Maker<"predictions"> = {
  id: "predictions",
  needs: [],
  async make(_, context: GatherContext) {
    const { model, images, signal, onProgress } = context;
    const found: ImagePrediction[] = [];
    for await (const part of imageBatches(context)) {
      signal?.throwIfAborted();
      const outcomes = await model.predict(
        part.map((p) => p.image),
        { signal },
      );
      outcomes.forEach((outcome, i) => {
        const { index, image } = part[i] as (typeof part)[number];
        found.push(predictionOf(model, index, image, outcome));
      });
      onProgress?.("predictions", found.length / Math.max(1, images.entries.length));
    }
    return found;
  },
};

function predictionOf(
  model: VisionModel,
  index: number,
  image: ImageInput,
  { logits }: Prediction,
): ImagePrediction {
  const probabilities = softmax(logits);
  const order = Array.from(logits.keys()).sort((a, c) => (logits[c] as number) - (logits[a] as number));
  const top = order.slice(0, TOP).map((classIndex) => ({
    classIndex,
    name: model.info.labels.names?.[classIndex] ?? `class ${classIndex}`,
    probability: probabilities[classIndex] as number,
  }));
  const label = labelIndexOf(model.info, image);
  return {
    index,
    source: image.source,
    top,
    label,
    confidence: probabilities[label ?? (order[0] as number)] as number,
  };
}

/** Softmax with the maximum taken out, in double precision. */
function softmax(logits: Float32Array): Float64Array {
  const highest = logits.reduce((a, c) => Math.max(a, c), Number.NEGATIVE_INFINITY);
  const powers = Float64Array.from(logits, (v) => Math.exp(v - highest));
  const sum = powers.reduce((a, c) => a + c, 0);
  return powers.map((p) => p / sum);
}
