// @snellen/graph: the ONNX model as TypeScript data.
export * from "./data-type.ts";
export * from "./errors.ts";
export * from "./model.ts";
export { modelChunks, parseModel, serializeByReference, serializeModel } from "./protobuf.ts";
export * from "./tensor.ts";
