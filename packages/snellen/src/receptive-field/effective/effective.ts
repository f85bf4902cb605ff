// Effective receptive fields: which pixels move the centre of a feature map, and which move a score, over a set of images.
// Kim et al., arXiv:2108.13576, Algorithm 1; all layers and the score in one pass over the images.
import { ModelError } from "@snellen/graph";
import { Tensor } from "onnxruntime-common";
import { feedsOf } from "../../cam/target-feeds.ts";
import type { BoundTarget } from "../../cam/targets/target.ts";
import type { ImageInput } from "../../images/image.ts";
import type { FeatureLayer } from "../../vision-model/layers.ts";
import type { VisionModel } from "../../vision-model/vision-model.ts";
import type { Accumulation } from "./accumulation.ts";
import { FIELD, fieldGraph } from "./field-graph.ts";
import { addBatch, emptySum, type FieldSum } from "./field-sum.ts";

/** What R is wanted of. */
export interface FieldPlan {
  readonly layers: readonly FeatureLayer[];
  /** The score whose R is wanted too. */
  readonly target?: BoundTarget;
  readonly accumulation: Accumulation;
}

/** Name of the sum that belongs to the score. */
export const SCORE_SUM = "score";

/** Sums of nothing yet: one a layer, by its value, then the score's. */
export const emptySums = ({ info }: VisionModel, { layers, target }: FieldPlan): FieldSum[] =>
  [...layers.map(({ value }) => value), ...(target === undefined ? [] : [SCORE_SUM])].map((name) =>
    emptySum(name, info.input.size),
  );

export interface AddedBatch {
  /** The class of the highest score of each image; empty where no score is asked for. */
  readonly predicted: readonly number[];
}

/**
 * Adds a batch of images to the sums of `plan`, which `emptySums` made.
 * @throws ModelError `nan-gradient`; UnsupportedError `no-gradient-rule`, `no-gradient-path`; UsageError `one-cell-map`
 */
export async function addImages(
  model: VisionModel,
  plan: FieldPlan,
  sums: readonly FieldSum[],
  images: readonly ImageInput[],
  signal?: AbortSignal,
): Promise<AddedBatch> {
  const { layers, target, accumulation } = plan;
  const results = await model.run(
    keyOf(plan),
    () => fieldGraph(model.info, { layers, accumulation, target: target?.kind }),
    images,
    (first, count) => feeds(plan, images, first, count),
    signal,
  );
  const size = model.info.batch.fixed ?? images.length;
  const names = [...layers.map((_, l) => FIELD.layer(l)), ...(target === undefined ? [] : [FIELD.score])];
  const found = results.map((outputs, r) => ({
    maps: names.map((name) => (outputs[name] as Tensor).data as Float32Array),
    count: Math.min(size, images.length - r * size),
    predicted: outputs[FIELD.predicted]?.data ?? [],
  }));
  // nothing is added of a batch that holds a bad one
  for (const { maps } of found)
    maps.forEach((map, i) => {
      requireFinite(sums[i]?.name ?? "", images[0]?.source ?? "", map);
    });
  for (const { maps, count } of found)
    maps.forEach((map, i) => {
      addBatch(sums[i] as FieldSum, map, count);
    });
  return {
    predicted: found.flatMap(({ predicted, count }) => Array.from(predicted.slice(0, count), Number)),
  };
}

const keyOf = ({ layers, target, accumulation }: FieldPlan): string =>
  JSON.stringify([
    "field",
    layers.map(({ value }) => value),
    target?.kind.id,
    target?.kind.key,
    accumulation.id,
  ]);

function feeds(
  { target }: FieldPlan,
  images: readonly ImageInput[],
  first: number,
  count: number,
): Record<string, Tensor> {
  const counted = Float32Array.from({ length: count }, (_, i) => (first + i < images.length ? 1 : 0));
  const own = { [FIELD.counted]: new Tensor("float32", counted, [count]) };
  if (target === undefined) return own;
  const rows = Array.from({ length: count }, (_, i) => {
    const image = images[first + i];
    return image === undefined ? undefined : target.feed(image);
  });
  return { ...own, ...feedsOf(target.kind, rows, FIELD.target) };
}

function requireFinite(name: string, source: string, values: Float32Array): void {
  if (values.every(Number.isFinite)) return;
  throw new ModelError("nan-gradient", `the gradient of "${name}" holds NaN or infinite numbers.`, {
    where: `the batch that begins with ${source}`,
    hint: "Check the preprocessing (--preset, --mean, --std, --range), then the model's weights.",
  });
}
