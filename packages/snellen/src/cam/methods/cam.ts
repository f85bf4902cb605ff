// CAM: channels weighted by the classifier's own weights; only for networks that pool globally and classify linearly.
// Zhou et al., "Learning deep features for discriminative localization", CVPR 2016, equation 2.
import { type LayerMethod, spatialSum } from "../method.ts";

// With score = Σ_k w_k · mean_ij A_k, the gradient is w_k/(h·w) at every position, so its sum over positions is w_k.
export const cam: LayerMethod = {
  kind: "layer",
  id: "cam",
  title: "CAM",
  summary: "Channels weighted by the linear classifier behind global average pooling.",
  paper: "Zhou et al., CVPR 2016, arXiv:1512.04150, eq. 2",
  rectified: false,
  unit: "own",
  requires: "linear-head",
  cells: ({ b, activations, gradients, sum }) => sum(b.op("Mul", [activations, spatialSum(b, gradients)])),
};
