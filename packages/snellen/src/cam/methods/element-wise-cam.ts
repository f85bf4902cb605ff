// Grad-CAM element-wise: the positive parts of activation times gradient, before they are summed over channels.
// Pillai and Pirsiavash, "Explainable models with consistent interpretations", AAAI 2021, as in pytorch-grad-cam.
import type { LayerMethod } from "../method.ts";

export const elementWiseCam: LayerMethod = {
  kind: "layer",
  id: "element-wise-cam",
  title: "Grad-CAM element-wise",
  summary: "Activation times gradient, each channel's negative values dropped before the sum.",
  paper: "Pillai and Pirsiavash, AAAI 2021 (form of pytorch-grad-cam)",
  rectified: true,
  unit: "own",
  cells: ({ b, activations, gradients, sum }) => sum(b.op("Relu", [b.op("Mul", [activations, gradients])])),
};
