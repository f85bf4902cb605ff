// snellen/web: the door for browsers. Decoded pictures and onnxruntime-web; nothing here touches the network by itself.
export type { SkippedImage, StreamOptions } from "../images/stream.ts";
export * from "../index.ts";
export {
  type GivenFile,
  type ImageEntry,
  openImageFiles,
  PICTURE_FILE,
  type WebImageSet,
} from "./image-set.ts";
export { decodeImage, type ImageFile, imageOfSource, readImages, type WebDecodeOptions } from "./images.ts";
export {
  type ModelBytes,
  type OpenBytesOptions,
  openModel,
  openModelOf,
  readModelBytes,
} from "./open-model.ts";
export { encodePng } from "./png.ts";
export { createWebRuntime, type WebRuntimeOptions } from "./runtime.ts";
