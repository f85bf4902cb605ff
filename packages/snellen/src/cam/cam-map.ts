// A heat map as the library hands it out: numbers with their shapes, the score they explain and how well they add up to it.
import { ModelError } from "@snellen/graph";
import type { Tensor } from "onnxruntime-common";
import type { ImageInput } from "../images/image.ts";
import type { DescribedModel } from "../vision-model/describe.ts";
import type { FeatureLayer } from "../vision-model/layers.ts";
import { CAM } from "./cam-graph.ts";
import type { CamMethod } from "./method.ts";
import type { BoundTarget } from "./targets/target.ts";
import type { Upsampling } from "./upsampling/upsampling.ts";

/** Row-major values with their [rows, columns]. */
export interface Grid {
  readonly values: Float32Array;
  readonly dims: readonly [rows: number, columns: number];
}

/**
 * A heat map of one image by one method for one target: its numbers, the score that it explains, and how well it adds up
 * to that.
 */
export interface CamMap {
  /** The image's path or name. */
  readonly source: string;
  /** Id of the method. */
  readonly method: string;
  /** Id of the upsampling; `none` for methods that work by the pixel. */
  readonly upsampling: string;
  /** Whether that upsampling keeps the cells' sum. */
  readonly conservative: boolean;
  /** Value that served as feature map; of several that were averaged, all, between commas; of pixel methods the image. */
  readonly layer: string;
  /** What was asked for, such as `top1` or `tabby vs tiger cat`. */
  readonly target: string;
  /** The class that the target is about; −1 for values that are no class's. */
  readonly classIndex: number;
  /** Undefined where the model's class names are not known. */
  readonly className: string | undefined;
  /** Scores of all classes. */
  readonly logits: Float32Array;
  /** The target's score: what is explained. */
  readonly score: number;
  /** [H, W] of the network's input; unscaled, rectified where the method says so. */
  readonly map: Grid;
  /** [h, w] of the feature map; signed, unscaled. */
  readonly cells: Grid;
  /** `score`: values are shares of the score; `own`: another scale. */
  readonly unit: "score" | "own";
  /** Σ cells. */
  readonly sum: number;
  /** |Σ cells − score| / |score|; Infinity for a score of zero that the cells do not sum to. */
  readonly conservationError: number;
  /** score − Σ cells before any of it was spread over the cells: what has no position. */
  readonly remainder: number;
  /** Σ map, after rectification and upsampling. */
  readonly mapSum: number;
  /** |Σ map − score| / |score|. */
  readonly mapConservationError: number;
  /** Reasons to distrust the map, in words. */
  readonly warnings: readonly string[];
  /** What bears on reading it, in words. */
  readonly notes: readonly string[];
}

/** How maps were made. */
export interface CamUse {
  readonly methods: readonly CamMethod[];
  readonly targets: readonly BoundTarget[];
  readonly upsampling: Upsampling;
  readonly layers: readonly FeatureLayer[];
  /** The id of the one method whose map is read of each image. */
  readonly only?: readonly string[];
}

/** Above this share of the score without a position, people are told. */
const MUCH = 0.5;

/** Maps of a run, for each image one a method and target, methods first. @throws ModelError `nan-logits` */
export function readCamMaps(
  info: DescribedModel,
  images: readonly ImageInput[],
  results: readonly Record<string, Tensor>[],
  used: CamUse,
): CamMap[][] {
  const perBatch = results[0]?.[CAM.logits]?.dims[0] ?? 1;
  return images.map((image, i) => {
    const outputs = results[Math.floor(i / perBatch)] as Record<string, Tensor>;
    const methods = used.methods.filter(({ id }) => used.only === undefined || used.only[i] === id);
    return methods.flatMap((method) =>
      used.targets.map((_, t) => readCamMap(info, image, outputs, i % perBatch, { ...used, method, t })),
    );
  });
}

function readCamMap(
  info: DescribedModel,
  image: ImageInput,
  outputs: Record<string, Tensor>,
  row: number,
  { method, t, targets, upsampling, layers }: CamUse & { readonly method: CamMethod; readonly t: number },
): CamMap {
  const number = (name: string): number => Number((outputs[name] as Tensor).data[row]);
  const cells = gridOf(outputs[CAM.cells(method, t)] as Tensor, row);
  const map = gridOf(outputs[CAM.map(method, t)] as Tensor, row);
  const logits = rowOf(outputs[CAM.logits] as Tensor, row);
  const score = number(CAM.score(t));
  const remainder = number(CAM.remainder(method, t));
  const classIndex = number(CAM.chosen(t));
  const target = targets[t] as BoundTarget;
  requireFinite(info, image.source, "scores", logits);
  requireFinite(info, image.source, `${method.title} map`, cells.values);
  requireFinite(info, image.source, `upsampled ${method.title} map`, map.values);
  const isPixels = method.kind === "pixels";
  return {
    source: image.source,
    method: method.id,
    upsampling: isPixels ? "none" : upsampling.id,
    conservative: isPixels || upsampling.conservative,
    layer: isPixels ? info.input.name : layers.map(({ value }) => value).join(", "),
    target: target.name,
    classIndex,
    className: info.labels.names?.[classIndex],
    logits,
    score,
    map,
    cells,
    unit: method.unit,
    ...conservation(cells, map, score, remainder),
    ...remarksOf(info, method, target, { cells, map, score, remainder }),
  };
}

/** The sums of a map and how far they are from the score. */
export function conservation(cells: Grid, map: Grid, score: number, remainder: number) {
  const [sum, mapSum] = [total(cells.values), total(map.values)];
  return {
    sum,
    conservationError: relativeError(sum, score),
    remainder,
    mapSum,
    mapConservationError: relativeError(mapSum, score),
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

interface Values {
  readonly cells: Grid;
  readonly map: Grid;
  readonly score: number;
  readonly remainder: number;
}

function remarksOf(
  info: DescribedModel,
  method: CamMethod,
  { kind }: BoundTarget,
  { cells, map, score, remainder }: Values,
): Pick<CamMap, "warnings" | "notes"> {
  const spreads = method.kind === "layer" && method.spreadsRemainder === true;
  const isConstant = cells.values.every((v) => v === cells.values[0]);
  // cells that all are an even share of the whole score were zero before it was spread
  if (isConstant && (cells.values[0] === 0 || (spreads && remainder === score))) {
    const why = method.ignoresTarget
      ? "the features are the same everywhere"
      : `the gradient is zero everywhere: ${kind.zeroCause(score)}`;
    return { warnings: [why], notes: [] };
  }
  const isEmpty = method.rectified && map.values.every((v) => v === 0);
  const caveat = method.ignoresTarget ? undefined : kind.caveat?.(score);
  return {
    warnings: [
      ...(caveat === undefined ? [] : [caveat]),
      ...(isEmpty
        ? ["no positive evidence: every cell speaks against the target, so the rectified map is zero"]
        : []),
    ],
    notes: [
      ...(method.kind === "pixels" ? [method.caveat?.(info)].filter((c) => c !== undefined) : []),
      ...(spreads && score !== 0 && Math.abs(remainder) > MUCH * Math.abs(score)
        ? [
            `${Math.round((100 * remainder) / score)} % of the score has no position at this layer (biases, and what reaches the scores past it)`,
          ]
        : []),
    ],
  };
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
