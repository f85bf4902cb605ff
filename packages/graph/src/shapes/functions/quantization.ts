// Shapes of quantization: values keep their shape and change their type.
// ONNX: QuantizeLinear 21 (output_dtype), DequantizeLinear 21, DynamicQuantizeLinear 11.
import { dataTypeOfCode } from "../../data-type.ts";
import { attr } from "../../model.ts";
import type { ShapeFunction } from "../value-type.ts";
import { given, isPresent, type ShapeTable, UNKNOWN } from "./support.ts";

/** The zero point's type, else `output_dtype`, else uint8. */
const quantize: ShapeFunction = (context) => {
  const { node, inputs } = context;
  const [x, , zero] = inputs;
  const stated = dataTypeOfCode(attr.int(node, "output_dtype", 0)) ?? "uint8";
  const dataType = isPresent(context, 2) ? zero?.dataType : stated;
  return x === undefined || dataType === undefined ? UNKNOWN : [{ dataType, dims: x.dims }];
};

/** The scale's type, unless `output_dtype` (opset 23) names another. */
const dequantize = given(2, ({ node }, x, scale) => {
  const dataType = dataTypeOfCode(attr.int(node, "output_dtype", 0)) ?? scale.dataType;
  return [{ dataType, dims: x.dims }];
});

const dynamicQuantize = given(1, (_, x) => [
  { dataType: "uint8", dims: x.dims },
  { dataType: "float32", dims: [] },
  { dataType: "uint8", dims: [] },
]);

export const quantization: ShapeTable = {
  QuantizeLinear: quantize,
  DequantizeLinear: dequantize,
  DynamicQuantizeLinear: dynamicQuantize,
  "com.microsoft::QuantizeLinear": quantize,
  "com.microsoft::DequantizeLinear": dequantize,
};
