// Made-up artifacts for the tests of audits.
import type { HeatMap, ImagePrediction, ModelFacts } from "../artifacts.ts";

export const facts: ModelFacts = {
  name: "net.onnx",
  input: "image [NCHW, 8x8, float32]",
  preprocessing: "RGB 8x8",
  preprocessingOrigin: "flags",
  logits: "logits [10]",
  classes: 10,
  layer: "relu",
  layerGrid: [2, 2],
  labelNames: undefined,
  opset: 18,
  nodes: 3,
  parameters: 12,
};

/** `right` of `count` labelled images read right, with confidence falling from the first to the last. */
export const predictions = (count: number, right: number, labelled = true): ImagePrediction[] =>
  Array.from({ length: count }, (_, index) => ({
    index,
    source: `${index}.png`,
    top: [{ classIndex: index < right ? 1 : 2, name: "x", probability: 1 - index / count }],
    label: labelled ? 1 : undefined,
    confidence: 1 - index / count,
  }));

export const heatMap = (index: number, warnings: readonly string[] = []): HeatMap => ({
  index,
  picture: { width: 2, height: 2, source: `${index}.png`, data: new Uint8Array(12).fill(100) },
  map: {
    source: `${index}.png`,
    method: "extended-cam",
    upsampling: "gaussian",
    layer: "relu",
    classIndex: 1,
    className: undefined,
    logits: Float32Array.of(0, 3),
    score: 3,
    map: { values: Float32Array.of(0, 1, 2, 0), dims: [2, 2] },
    cells: { values: Float32Array.of(0, 1, 2, 0), dims: [2, 2] },
    sum: 3,
    conservationError: 0,
    mapSum: 3,
    warnings,
  },
});
