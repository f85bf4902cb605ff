// Made-up artifacts for tests of audits: a network of ten classes that reads everything.
import type { CamMap } from "../../cam/cam-map.ts";
import type { DeadPixelSummary } from "../../receptive-field/dead-pixels/dead-pixel-summary.ts";
import type { UnevenSampling } from "../../receptive-field/dead-pixels/uneven-sampling.ts";
import type { SummarizedField } from "../../receptive-field/effective/field-and-score.ts";
import type { FieldMap } from "../../receptive-field/effective/field-map.ts";
import type { FieldSummary } from "../../receptive-field/effective/field-summary.ts";
import { radialProfile } from "../../receptive-field/size/radial-profile.ts";
import type { Accuracy, Fields, Geometry, HeatMap, ImagePrediction, ModelFacts } from "../artifacts.ts";

export const facts: ModelFacts = {
  name: "model.onnx",
  input: "image [NCHW, 8x8, float32]",
  preprocessing: "RGB 8x8",
  preprocessingOrigin: "flags",
  logits: "logits [N, 10]",
  classes: 10,
  dense: undefined,
  layer: "relu",
  layerGrid: [2, 2],
  labelNames: undefined,
  opset: 18,
  nodes: 3,
  parameters: 100,
};

export const prediction = (index: number, changes: Partial<ImagePrediction> = {}): ImagePrediction => ({
  index,
  source: `image-${index}.png`,
  top: [{ classIndex: 1, name: "class 1", probability: 0.9 }],
  label: 1,
  confidence: 0.9,
  ...changes,
});

export const accuracy = (top1: number, changes: Partial<Accuracy> = {}): Accuracy => ({
  labelled: 100,
  top1,
  top5: Math.min(1, top1 + 0.1),
  interval: [Math.max(0, top1 - 0.1), Math.min(1, top1 + 0.1)],
  ...changes,
});

export function heatMap(index: number, changes: Partial<CamMap> = {}): HeatMap {
  const map: CamMap = {
    source: `image-${index}.png`,
    method: "extended-cam",
    upsampling: "gaussian",
    conservative: true,
    layer: "relu",
    target: "top1",
    unit: "score",
    classIndex: 1,
    className: undefined,
    logits: new Float32Array(10),
    score: 2,
    map: { values: Float32Array.from({ length: 64 }, (_, i) => i), dims: [8, 8] },
    cells: { values: Float32Array.of(1, 1, 0, 0), dims: [2, 2] },
    sum: 2,
    conservationError: 0,
    remainder: 0,
    mapSum: 2,
    mapConservationError: 0,
    warnings: [],
    notes: [],
    ...changes,
  };
  return { index, map, picture: { width: 8, height: 8, data: new Uint8Array(192), source: map.source } };
}

/** R of 64 images by a formula. */
export const fieldMap = (
  value: (row: number, column: number) => number,
  dims: FieldMap["dims"] = [24, 32],
): FieldMap => ({
  values: Float64Array.from({ length: dims[0] * dims[1] }, (_, i) =>
    value(Math.floor(i / dims[1]), i % dims[1]),
  ),
  dims,
  n: 64,
});

/** Around pixel [row, column]. */
export const gaussianMap = ([row, column]: readonly [number, number], sigma: number): FieldMap =>
  fieldMap((y, x) => Math.exp(-((y - row) ** 2 + (x - column) ** 2) / (2 * sigma ** 2)));

/** A Gaussian of sigma 2 x 4.5 (rows, columns), whose field is 12 pixels across. */
export function layerField(
  changes: Partial<FieldSummary> = {},
  map: FieldMap = gaussianMap([12, 16], 3),
): SummarizedField<FieldSummary> {
  const summary: FieldSummary = {
    layer: "relu",
    grid: [6, 8],
    channels: 4,
    input: map.dims,
    n: map.n,
    accumulation: "dead-pixels",
    sum: 1,
    converged: true,
    reason: null,
    sigmaX: 4.5,
    sigmaY: 2,
    centreX: 16,
    centreY: 12,
    amplitude: 0.9,
    r2: 0.8,
    theoretical: { size: [15, 15], stride: [4, 4], start: [-7, -7], centre: [0, 0] },
    expectedCentre: [12, 16],
    areaRatios: [],
    linearAreaRatios: [],
    logAreaRatios: [],
    profile: radialProfile(map, { centre: [12, 16] }),
    convergence: [{ n: 64, relativeError: 0.2 }],
    notes: [],
    ...changes,
  };
  return { map, summary };
}

/** Smooth, and the same everywhere. */
export function scoreField(
  changes: Partial<DeadPixelSummary> = {},
  map: FieldMap = fieldMap(() => 1),
): SummarizedField<DeadPixelSummary> {
  const summary: DeadPixelSummary = {
    input: map.dims,
    n: map.n,
    L1: 0.1,
    L2: 0.2,
    L1Normalized: 0.1,
    L2Normalized: 0.2,
    mean: 1,
    strides: [
      [2, 2],
      [4, 4],
    ],
    phaseMaps: [
      {
        stride: [2, 2],
        means: [
          [1, 1.02],
          [0.99, 0.99],
        ],
        contrast: 0.03,
        weak: [],
      },
    ],
    weakShare: 0.02,
    weak: { share: 0.02, count: 15, deadShare: 0, window: [9, 9] },
    peaks: [],
    centralShare: 0.3,
    offenders: [],
    padded: [],
    convergence: [{ n: 64, relativeError: 0.2 }],
    ...changes,
  };
  return { map, summary };
}

export const fields = (changes: Partial<Fields> = {}): Fields => ({
  layer: layerField(),
  score: scoreField(),
  objects: [],
  ...changes,
});

/** A 3x3 convolution of stride 2, which padding mends. */
export const offender = (changes: Partial<UnevenSampling> = {}): UnevenSampling => ({
  node: "conv1",
  opType: "Conv",
  kind: "odd-kernel",
  kernel: [3, 3],
  stride: [2, 2],
  coverage: [
    [1, 2],
    [1, 2],
  ],
  reason: "odd kernel with an even stride.",
  fixable: "kernel-padding",
  ...changes,
});

/** Every convolution is productive. */
export const geometry = (changes: Partial<Geometry> = {}): Geometry => ({
  input: [24, 32],
  isSizeOpen: false,
  unproductive: [],
  resolutions: { smallest: [8, 8], multipleOf: [4, 4], productive: [15, 15], unbounded: [] },
  offenders: [],
  padded: [],
  ...changes,
});
