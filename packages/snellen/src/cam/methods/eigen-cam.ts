// Eigen-CAM: the first principal component of the features, whatever the class.
// Muhammad and Yeasin, "Eigen-CAM: class activation map using principal components", IJCNN 2020.
import type { LayerMethod } from "../method.ts";
import { principalComponent, principalRows } from "../principal.ts";

export const eigenCam: LayerMethod = {
  kind: "layer",
  id: "eigen-cam",
  title: "Eigen-CAM",
  summary: "The direction in which the features vary most; explains the features, not a class.",
  paper: "Muhammad and Yeasin, IJCNN 2020, arXiv:2008.00299 (sign: derived here)",
  rectified: true,
  unit: "own",
  rows: principalRows,
  ignoresTarget: true,
  cells: ({ b, activations }) => principalComponent(b, activations),
};
