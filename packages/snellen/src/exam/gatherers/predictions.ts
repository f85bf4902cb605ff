// Runs every image once and keeps its highest scores.
import { probabilityOf } from "../../cam/measures/probability.ts";
import { labelIndexOf } from "../../cam/targets/class-reference.ts";
import type { ImageInput } from "../../images/image.ts";
import { ranking } from "../../vision-model/ranking.ts";
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
  const order = ranking(logits);
  const probability = (classIndex: number) => probabilityOf(model.info, logits, classIndex);
  const top = order.slice(0, TOP).map((classIndex) => ({
    classIndex,
    name: model.info.labels.names?.[classIndex] ?? `class ${classIndex}`,
    probability: probability(classIndex),
  }));
  const label = labelIndexOf(model.info, image);
  return {
    index,
    source: image.source,
    top,
    label,
    confidence: probability(label ?? (order[0] as number)),
  };
}
