// @snellen/graph: the ONNX model as TypeScript data.

export { createBuilder, type GraphBuilder } from "./builder.ts";
export { canonicalize } from "./canonicalize.ts";
export * from "./data-type.ts";
export { closest } from "./did-you-mean.ts";
export * from "./errors.ts";
export {
  checkLocation,
  type Externalized,
  externalizeWeights,
  externalTensors,
  loadExternalTensors,
  type Piece,
  type ReadRange,
  renameLocations,
  truncatedExternal,
} from "./external-data.ts";
export { type ForeignFile, recognizeForeignFile } from "./file-kind.ts";
export * as patterns from "./match.ts";
export {
  type Captures,
  explainMiss,
  findMatches,
  type GraphIndex,
  indexGraph,
  type Match,
  match,
  nearestMiss,
  type Pattern,
} from "./match.ts";
export * from "./model.ts";
export { parseGraphText } from "./parse-text.ts";
export { compose, type TypedModel } from "./passes/compose.ts";
export { type DynamicBatch, makeBatchDynamic } from "./passes/dynamic-batch.ts";
export { createEmitter, type Emitter, withEmitted } from "./passes/emitter.ts";
export { EXPANDABLE_OPERATORS, expandOperators } from "./passes/expand-operators.ts";
export { addOutputs, takeHead, takeTail } from "./passes/extract.ts";
export { foldConstants } from "./passes/fold-constants.ts";
export { fuseGelu } from "./passes/fuse-gelu.ts";
export { fuseLayerNormalization } from "./passes/fuse-layer-normalization.ts";
export { inlineBranches } from "./passes/inline-branches.ts";
export { inlineFunctions } from "./passes/inline-functions.ts";
export { liftConstants } from "./passes/lift-constants.ts";
export { openIntegerProducts } from "./passes/open-integer-products.ts";
export { raisePrecision } from "./passes/raise-precision.ts";
export { removeDead } from "./passes/remove-dead.ts";
export { removeIdentities } from "./passes/remove-identities.ts";
export { addPrefix, freshName, renameValue, valueNames } from "./passes/rename.ts";
export { MINIMAL_OPSET, upgradeOpset } from "./passes/upgrade-opset.ts";
export { type PrintOptions, printGraph, printNode, printValueInfo } from "./print.ts";
export {
  MAX_FILE_BYTES,
  modelChunks,
  parseModel,
  selfContainedPieces,
  serializeByReference,
  serializeModel,
} from "./protobuf.ts";
export {
  BATCH,
  batchAxisOf,
  constantOf,
  copyShapes,
  dataTypeOf,
  dimsOf,
  inferShapes,
  knownDims,
  type ShapeOptions,
  type Shapes,
  shapesInside,
} from "./shapes/shapes.ts";
export { completeShapes, type RunModel } from "./shapes/trace-shapes.ts";
export type { ShapeContext, ShapeFunction, ValueType } from "./shapes/value-type.ts";
export * from "./tensor.ts";
export { NEWEST_IR_VERSION, NEWEST_OPSET, validateModel } from "./validate.ts";
