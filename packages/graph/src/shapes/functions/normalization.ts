// Shapes of normalizations: the first output is shaped as the input, the others are statistics.
// ONNX: BatchNormalization 15, LayerNormalization 17, RMSNormalization 23, Dropout 13.
import { dataTypeOfCode } from "../../data-type.ts";
import { attr } from "../../model.ts";
import type { ShapeFunction } from "../value-type.ts";
import { axisOf, each, given, likeFirst, type Outputs, type ShapeTable } from "./support.ts";

const SAME_SHAPE = [
  "InstanceNormalization",
  "GroupNormalization",
  "RMSNormalization",
  "LRN",
  "LpNormalization",
  "MeanVarianceNormalization",
];

/** In training mode, and below opset 14, also running (and saved) mean and variance of [channels]. */
const batchNorm = given(1, ({ inputs }, x): Outputs => {
  const statistics = [3, 4, 3, 4].map((i) => inputs[i]);
  return [x, ...statistics].map((type) => type && { dataType: type.dataType, dims: type.dims });
});

/** Second and third output: mean and inverse deviation, the normalized axes kept with size 1. */
export const layerNorm: ShapeFunction = given(1, ({ node }, x) => {
  const axis = axisOf(node, x.dims.length, -1);
  const dataType = dataTypeOfCode(attr.int(node, "stash_type", 1)) ?? "float32";
  const statistics = { dataType, dims: x.dims.map((d, i) => (i < axis ? d : 1)) };
  return [{ dataType: x.dataType, dims: x.dims }, statistics, statistics];
});

const dropout = given(1, ({ opset }, x) => [
  { dataType: x.dataType, dims: x.dims },
  { dataType: opset < 10 ? x.dataType : "bool", dims: x.dims },
]);

export const normalization: ShapeTable = {
  ...each(SAME_SHAPE, likeFirst),
  BatchNormalization: batchNorm,
  LayerNormalization: layerNorm,
  Dropout: dropout,
};
