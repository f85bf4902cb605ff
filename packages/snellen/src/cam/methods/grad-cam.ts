// Grad-CAM: channels weighted by the spatial mean of their gradient.
// Selvaraju et al., "Grad-CAM", ICCV 2017, equations 1 and 2.
import { type LayerMethod, spatialMean } from "../method.ts";

export const gradCam: LayerMethod = {
  kind: "layer",
  id: "grad-cam",
  title: "Grad-CAM",
  summary: "Channels weighted by the mean of their gradient over the map.",
  paper: "Selvaraju et al., ICCV 2017, arXiv:1610.02391, eq. 1-2",
  rectified: true,
  unit: "score",
  cells: ({ b, activations, gradients, sum }) => sum(b.op("Mul", [activations, spatialMean(b, gradients)])),
};
