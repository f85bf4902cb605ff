// HiResCAM: activation times gradient, position by position, summed over channels.
// Draelos and Carin, "Use HiResCAM instead of Grad-CAM for faithful explanations of CNNs", 2020, equation 4.
import { type CamMethod, channelSum } from "../method.ts";

export const hiresCam: CamMethod = {
  id: "hires-cam",
  title: "HiResCAM",
  summary: "Activation times gradient at each position, negative evidence dropped.",
  paper: "Draelos and Carin, 2020, arXiv:2011.08891",
  rectified: true,
  cells: ({ b, activations, gradients }) => channelSum(b, b.op("Mul", [activations, gradients])),
};
