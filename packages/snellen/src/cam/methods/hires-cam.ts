// HiResCAM: activation times gradient, position by position, summed over channels.
// Draelos and Carin, "Use HiResCAM instead of Grad-CAM for faithful explanations of CNNs", 2020, equation 4.
import type { LayerMethod } from "../method.ts";

export const hiresCam: LayerMethod = {
  kind: "layer",
  id: "hires-cam",
  title: "HiResCAM",
  summary: "Activation times gradient at each position, negative evidence dropped.",
  paper: "Draelos and Carin, 2020, arXiv:2011.08891",
  rectified: true,
  unit: "score",
  cells: ({ b, activations, gradients, sum }) => sum(b.op("Mul", [activations, gradients])),
};
