// Runs every image once and keeps its highest scores.
import { probabilityOf } from "../../cam/measures/probability.ts";
import { topClasses } from "../../cam/measures/top-classes.ts";
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
  const top = topClasses(model.info, logits, TOP);
  const label = labelIndexOf(model.info, image);
  return {
    index,
    source: image.source,
    top,
    label,
    confidence: probabilityOf(model.info, logits, label ?? (top[0]?.classIndex as number)),
  };
}
