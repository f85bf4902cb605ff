// @snellen/graph: the ONNX model as TypeScript data.

export { createBuilder, type GraphBuilder } from "./builder.ts";
export * from "./data-type.ts";
export * from "./errors.ts";
export * from "./model.ts";
export { modelChunks, parseModel, serializeByReference, serializeModel } from "./protobuf.ts";
export {
  BATCH,
  constantOf,
  dataTypeOf,
  dimsOf,
  inferShapes,
  knownDims,
  type ShapeOptions,
  type Shapes,
} from "./shapes/shapes.ts";
export type { ShapeContext, ShapeFunction, ValueType } from "./shapes/value-type.ts";
export * from "./tensor.ts";
export { parseGraphText } from "./parse-text.ts";
export { type PrintOptions, printGraph, printNode, printValueInfo } from "./print.ts";
