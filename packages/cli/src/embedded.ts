// The models and images that come with Snellen.
import { fileURLToPath } from "node:url";

export const EMBEDDED = {
  folder: fileURLToPath(new URL("../../../models/", import.meta.url)),
  models: ["optotypes-cnn.onnx", "optotypes-vit.onnx"],
  images: "optotypes",
} as const;
