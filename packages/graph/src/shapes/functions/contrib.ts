// Shapes of ONNX Runtime's own operators (com.microsoft) that its optimizer and quantizer put into vision models.
// Source: ONNX Runtime, docs/ContribOperators.md. Matrix products, pools and attention are with their families.

import type { ShapeFunction } from "../value-type.ts";
import { layerNorm } from "./normalization.ts";
import { broadcast, each, given, likeFirst, type ShapeTable, UNKNOWN } from "./support.ts";

const SAME_SHAPE = [
  ..."Gelu FastGelu BiasGelu QuickGelu BiasSplitGelu BiasAdd GroupNorm SkipGroupNorm".split(" "),
  ..."QLinearSigmoid QLinearLeakyRelu QLinearSoftmax Inverse".split(" "),
];

/** Normalized sum, mean, inverse deviation, and the sum itself. */
const skipLayerNorm = given(1, (context, x) => {
  const [y, mean, deviation] = layerNorm(context);
  return [y, mean, deviation, { dataType: x.dataType, dims: x.dims }];
});

/** Operands at inputs 0 and 3, each followed by its scale and zero point. */
const qLinearBinary: ShapeFunction = ({ node, inputs }) => {
  const a = inputs[0];
  const b = inputs[3];
  if (a === undefined || b === undefined) return UNKNOWN;
  return [{ dataType: a.dataType, dims: broadcast(node, [a.dims, b.dims]) }];
};

export const contrib: ShapeTable = Object.fromEntries(
  Object.entries<ShapeFunction>({
    ...each(SAME_SHAPE, likeFirst),
    SkipLayerNormalization: skipLayerNorm,
    SkipSimplifiedLayerNormalization: skipLayerNorm,
    QLinearAdd: qLinearBinary,
    QLinearMul: qLinearBinary,
  }).map(([op, infer]) => [`com.microsoft::${op}`, infer]),
);
