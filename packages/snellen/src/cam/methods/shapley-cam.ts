// ShapleyCAM: Grad-CAM with gradients corrected to second order: a Taylor estimate of each feature's Shapley value.
// Cai, "CAMs as Shapley value-based explainers", The Visual Computer 2025, arXiv:2501.06261, algorithm 1.
import { type LayerMethod, spatialMean } from "../method.ts";

// w_k = mean_ij (g − ½·H·A); the Hessian–vector product is a gradient of the gradient's graph
export const shapleyCam: LayerMethod = {
  kind: "layer",
  id: "shapley-cam",
  title: "ShapleyCAM",
  summary: "Channels weighted by the mean of gradient minus half the Hessian times the activations.",
  paper: "Cai, The Visual Computer 2025, arXiv:2501.06261",
  rectified: true,
  unit: "score",
  cells({ b, activations, gradients, curvature, sum }) {
    const bend = curvature();
    const corrected =
      bend === undefined ? gradients : b.op("Sub", [gradients, b.op("Mul", [bend, b.scalar(0.5)])]);
    return sum(b.op("Mul", [activations, spatialMean(b, corrected)]));
  },
};
