// R of a layer and of the score over the same images, in one pass: what the exam and the app ask of receptive fields.
// Kim et al., arXiv:2108.13576, Algorithm 1.
import type { ImageInput } from "../../images/image.ts";
import type { Source } from "../../images/stream.ts";
import type { FeatureLayer } from "../../vision-model/layers.ts";
import type { VisionModel } from "../../vision-model/vision-model.ts";
import { type DeadPixelSummary, summarizeDeadPixels } from "../dead-pixels/dead-pixel-summary.ts";
import { accumulation as accumulationOf } from "./accumulation.ts";
import type { FieldMap } from "./field-map.ts";
import { type FieldSum, fieldMapOf } from "./field-sum.ts";
import { type FieldSummary, summarizeField, summaryContext } from "./field-summary.ts";
import { labelledOrPredicted, type RunFieldsOptions, runFields } from "./run-fields.ts";

/** A field with what it says in numbers. */
export interface SummarizedField<Summary> {
  readonly map: FieldMap;
  readonly summary: Summary;
}

/** Both over the same images. */
export interface FieldAndScore {
  /** Undefined without a layer. */
  readonly layer: SummarizedField<FieldSummary> | undefined;
  /** Of the true class where it is known, of the predicted one elsewhere. */
  readonly score: SummarizedField<DeadPixelSummary>;
}

/**
 * By the published algorithm. In `onBatch` the sums are the layer's, where there is one, then the score's.
 * @throws what `runFields` throws
 */
export async function measureFieldAndScore(
  model: VisionModel,
  layer: FeatureLayer | undefined,
  images: readonly Source<ImageInput>[],
  options: RunFieldsOptions,
): Promise<FieldAndScore> {
  const { info } = model;
  const accumulation = accumulationOf("dead-pixels");
  const layers = layer === undefined ? [] : [layer];
  const plan = { layers, target: labelledOrPredicted(info), accumulation };
  const { sums } = await runFields(model, plan, images, options);
  const score = sums.at(-1) as FieldSum;
  const map = fieldMapOf(score);
  return {
    layer: layer && ofLayer(layer, sums[0] as FieldSum),
    score: { map, summary: summarizeDeadPixels(info, map, score.curve) },
  };

  function ofLayer(own: FeatureLayer, sum: FieldSum): FieldAndScore["layer"] {
    const ownMap = fieldMapOf(sum);
    const context = summaryContext(info, own, accumulation, sum);
    return { map: ownMap, summary: summarizeField(own, ownMap, context) };
  }
}
