// Shapes of ONNX Runtime's own operators (com.microsoft) that its optimizer and quantizer put into vision models.
// Source: ONNX Runtime, docs/ContribOperators.md. Matrix products, pools and attention are with their families.

import type { ShapeFunction } from "../value-type.ts";
import { concat } from "./movement.ts";
import { layerNorm } from "./normalization.ts";
import { broadcast, each, given, likeFirst, type ShapeTable, UNKNOWN } from "./support.ts";

const SAME_SHAPE = [
  ..."Gelu FastGelu BiasGelu QuickGelu BiasSplitGelu BiasAdd GroupNorm SkipGroupNorm".split(" "),
  ..."QLinearSigmoid QLinearLeakyRelu QLinearSoftmax Inverse Trilu".split(" "),
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

/** Scale and zero point of the result, then value, scale and zero point of each operand. */
const qLinearConcat: ShapeFunction = (context) =>
  concat({ ...context, inputs: everyThird(context.inputs, 2) });

/** Condition, then value, scale and zero point of each operand. */
const qLinearWhere: ShapeFunction = ({ node, inputs }) => {
  const [condition, x, , , y] = inputs;
  if (condition === undefined || x === undefined || y === undefined) return UNKNOWN;
  return [{ dataType: x.dataType, dims: broadcast(node, [condition.dims, x.dims, y.dims]) }];
};

const everyThird = <T>(all: readonly T[], first: number): T[] =>
  all.filter((_, i) => i >= first && (i - first) % 3 === 0);

export const contrib: ShapeTable = {
  SimplifiedLayerNormalization: layerNorm,
  ...Object.fromEntries(
    Object.entries<ShapeFunction>({
      ...each(SAME_SHAPE, likeFirst),
      SkipLayerNormalization: skipLayerNorm,
      SkipSimplifiedLayerNormalization: skipLayerNorm,
      QLinearAdd: qLinearBinary,
      QLinearMul: qLinearBinary,
      QLinearConcat: qLinearConcat,
      QLinearWhere: qLinearWhere,
    }).map(([op, infer]) => [`com.microsoft::${op}`, infer]),
  ),
};
