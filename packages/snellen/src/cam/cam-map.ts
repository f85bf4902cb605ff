// A heat map as the library hands it out: numbers with their shapes, the score they explain and how well they add up to it.
import { ModelError } from "@snellen/graph";
import type { Tensor } from "onnxruntime-common";
import type { ImageInput } from "../images/image.ts";
import type { DescribedModel } from "../vision-model/describe.ts";
import type { FeatureLayer } from "../vision-model/layers.ts";
import { CAM } from "./cam-graph.ts";
import type { CamMethod } from "./method.ts";
import type { Upsampling } from "./upsampling/upsampling.ts";

/** Row-major values with their [rows, columns]. */
export interface Grid {
  readonly values: Float32Array;
  readonly dims: readonly [rows: number, columns: number];
}

export interface CamMap {
  readonly source: string;
  readonly method: string;
  readonly upsampling: string;
  /** Value that served as feature map. */
  readonly layer: string;
  readonly classIndex: number;
  readonly className: string | undefined;
  /** Scores of all classes. */
  readonly logits: Float32Array;
  /** Score of the explained class. */
  readonly score: number;
  /** [H, W] of the network's input; unscaled, rectified where the method says so. */
  readonly map: Grid;
  /** [h, w] of the feature map; signed, unscaled. */
  readonly cells: Grid;
  /** Σ cells. */
  readonly sum: number;
  /** |Σ cells − score| / |score|; Infinity for a score of zero that the cells do not sum to. */
  readonly conservationError: number;
  /** Σ map, after rectification and upsampling. */
  readonly mapSum: number;
  /** Reasons to distrust the map, in words. */
  readonly warnings: readonly string[];
}

/** How maps were made. */
export interface CamUse {
  readonly methods: readonly CamMethod[];
  readonly upsampling: Upsampling;
  readonly layer: FeatureLayer;
}

/** Maps of a run, for each image one a method. @throws ModelError `nan-logits` */
export function readCamMaps(
  info: DescribedModel,
  images: readonly ImageInput[],
  results: readonly Record<string, Tensor>[],
  used: CamUse,
): CamMap[][] {
  const perBatch = results[0]?.[CAM.score]?.dims[0] ?? 1;
  return images.map((image, i) => {
    const outputs = results[Math.floor(i / perBatch)] as Record<string, Tensor>;
    return used.methods.map((method) => readCamMap(info, image, outputs, i % perBatch, { ...used, method }));
  });
}

function readCamMap(
  info: DescribedModel,
  image: ImageInput,
  outputs: Record<string, Tensor>,
  row: number,
  { method, upsampling, layer }: CamUse & { readonly method: CamMethod },
): CamMap {
  const cells = gridOf(outputs[CAM.cells(method)] as Tensor, row);
  const map = gridOf(outputs[CAM.map(method)] as Tensor, row);
  const logits = rowOf(outputs[CAM.logits] as Tensor, row);
  const score = (outputs[CAM.score] as Tensor).data[row] as number;
  const classIndex = Number((outputs[CAM.chosen] as Tensor).data[row]);
  requireFinite(info, image.source, "scores", logits);
  requireFinite(info, image.source, `${method.title} map`, cells.values);
  const sum = total(cells.values);
  return {
    source: image.source,
    method: method.id,
    upsampling: upsampling.id,
    layer: layer.value,
    classIndex,
    className: info.labels.names?.[classIndex],
    logits,
    score,
    map,
    cells,
    sum,
    conservationError: relativeError(sum, score),
    mapSum: total(map.values),
    warnings: warningsOf(cells, map, method),
  };
}

/** @throws ModelError `nan-logits` */
export function requireFinite(
  info: DescribedModel,
  source: string,
  what: string,
  values: Float32Array,
): void {
  if (values.every(Number.isFinite)) return;
  throw new ModelError("nan-logits", `the ${what} of ${source} hold NaN or infinite numbers.`, {
    where: `output "${info.logits.output}"`,
    hint: "Check the preprocessing (--preset, --mean, --std, --range), then the model's weights.",
  });
}

const relativeError = (sum: number, score: number): number =>
  sum === score ? 0 : Math.abs(sum - score) / Math.abs(score);

function warningsOf(cells: Grid, map: Grid, method: CamMethod): string[] {
  if (cells.values.every((v) => v === 0)) {
    return [
      "the gradient is zero everywhere: the layer does not influence this score, or the target is saturated or dead",
    ];
  }
  if (method.rectified && map.values.every((v) => v === 0)) {
    return ["no positive evidence: every cell speaks against this class, so the rectified map is zero"];
  }
  return [];
}

const total = (values: Float32Array): number => {
  let sum = 0;
  for (const v of values) sum += v;
  return sum;
};

function rowOf(tensor: Tensor, row: number): Float32Array {
  const length = tensor.size / (tensor.dims[0] as number);
  return (tensor.data as Float32Array).slice(row * length, (row + 1) * length);
}

const gridOf = (tensor: Tensor, row: number): Grid => ({
  values: rowOf(tensor, row),
  dims: [tensor.dims[1] as number, tensor.dims[2] as number],
});
