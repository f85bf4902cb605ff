// snellen/node: the door for Node. Model files, images from disk, onnxruntime-node, results written atomically.

export type { ImageFile } from "../datasets/label-images.ts";
export type { SkippedImage, StreamOptions } from "../images/stream.ts";
export * from "../index.ts";
export { readCheckpoint, type TrainingSettings, writeCheckpoint } from "./checkpoint-file.ts";
export { type CorruptionPoolOptions, createCorruptionPool } from "./corruption-pool.ts";
export { appendToFile, ensureFolder, type FileContent, kindOfPath, writeFileAtomic } from "./files.ts";
export {
  type ImageEntry,
  type ImageSet as ImageList,
  type OpenImagesOptions,
  openImages,
  type ReadImagesOptions,
  readImages,
} from "./images.ts";
export { type DecodeOptions, decodeImage } from "./images-decode.ts";
export type { LabelOptions } from "./images-labels.ts";
export { listImages } from "./images-list.ts";
export { readMaskTarget, readTargets } from "./mask-target.ts";
export { readMask } from "./masks.ts";
export { openModelFile, type WriteOptions, writeModelFile } from "./model-file.ts";
export { openNpyBatch, readNpy, writeNpy } from "./npy.ts";
export {
  type OpenedModel,
  type OpenOptions,
  openModel,
  openModelGraph,
  openModelOf,
  sidecarFiles,
} from "./open-model.ts";
export { encodeGrayPng, encodePng } from "./png.ts";
export { createNodeRuntime, listDevices, type NodeRuntimeOptions } from "./runtime.ts";
export { readSafetensors, writeSafetensors } from "./safetensors.ts";
export { readTextures } from "./textures.ts";
export { openTrainingData, type TrainingDataOptions } from "./training-data.ts";
export { readTrainingParameters } from "./training-parameters.ts";
export { createTrainingPool, type TrainingPoolOptions } from "./training-pool.ts";
