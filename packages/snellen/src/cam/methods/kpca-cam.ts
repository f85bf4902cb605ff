// KPCA-CAM: Eigen-CAM with a kernel, so that the direction may be a curved one.
// Karmani et al., "KPCA-CAM: visual explainability of deep computer vision models using kernel PCA", MMSP 2024.
import type { LayerMethod } from "../method.ts";
import { kernelComponent } from "../principal.ts";

export const kpcaCam: LayerMethod = {
  kind: "layer",
  id: "kpca-cam",
  title: "KPCA-CAM",
  summary: "The first component of kernel PCA of the features (sigmoid kernel); not class-specific.",
  paper: "Karmani et al., MMSP 2024, arXiv:2410.00267 (sign: derived here)",
  rectified: true,
  unit: "own",
  rows: (cells) => cells,
  ignoresTarget: true,
  cells: ({ b, activations }) => kernelComponent(b, activations),
};
