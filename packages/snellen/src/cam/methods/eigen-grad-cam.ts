// Eigen-Grad-CAM: the first principal component of activation times gradient.
// Gildenblat et al., pytorch-grad-cam; Eigen-CAM (arXiv:2008.00299) with the class brought in.
import type { LayerMethod } from "../method.ts";
import { principalComponent, principalRows } from "../principal.ts";

export const eigenGradCam: LayerMethod = {
  kind: "layer",
  id: "eigen-grad-cam",
  title: "Eigen-Grad-CAM",
  summary: "The direction in which activation times gradient varies most.",
  paper: "pytorch-grad-cam (2021), after arXiv:2008.00299 (sign: derived here)",
  rectified: true,
  unit: "own",
  rows: principalRows,
  cells: ({ b, activations, gradients }) => principalComponent(b, b.op("Mul", [activations, gradients])),
};
