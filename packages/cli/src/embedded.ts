// The models and images that come with Snellen, and those that a checkout may have beside it.
import { fileURLToPath } from "node:url";

const inCheckout = (path: string): string => fileURLToPath(new URL(`../../../${path}`, import.meta.url));

export const EMBEDDED = {
  folder: inCheckout("models/"),
  models: ["optotypes-cnn.onnx", "optotypes-vit.onnx"],
  images: "optotypes",
} as const;

/** Photographs with annotated objects and a network that knows them; in no package, so they may be missing. */
export const PHOTOGRAPHS = {
  model: inCheckout("../shared/models/efficientnet_lite0_dynamo.onnx"),
  labels: inCheckout("../shared/labels/imagenet.txt"),
  images: inCheckout("../shared/images/coco"),
  preprocessing: {
    channels: "RGB",
    range: "0..255",
    mean: [127, 127, 127],
    std: [128, 128, 128],
    resize: "crop",
    interpolation: "bicubic",
  },
} as const;
