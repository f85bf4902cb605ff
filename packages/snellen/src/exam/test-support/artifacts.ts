// Made-up artifacts for tests of audits: a network of ten classes that reads everything.
import type { CamMap } from "../../cam/cam-map.ts";
import type { Accuracy, HeatMap, ImagePrediction, ModelFacts } from "../artifacts.ts";

export const facts: ModelFacts = {
  name: "model.onnx",
  input: "image [NCHW, 8x8, float32]",
  preprocessing: "RGB 8x8",
  preprocessingOrigin: "flags",
  logits: "logits [N, 10]",
  classes: 10,
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
