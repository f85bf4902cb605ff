// Extended-CAM: the conservative map, whose cells sum to the score; signed, position-wise, rectified only for display.
// Kim et al., arXiv:2001.05153, states conservativeness Σ L = y; the form below is derived here (Euler's theorem for
// positively homogeneous heads: y = Σ_k Σ_ij ∂y/∂A_ij^k · A_ij^k). Heads that are not (attention,
// normalization, gates) are made so by holding fixed what scales others, on request. What is missed (biases) has no position;
// it is spread over the cells evenly, or left out on request.
import type { LayerMethod } from "../method.ts";

export const extendedCam: LayerMethod = {
  kind: "layer",
  id: "extended-cam",
  title: "Extended-CAM",
  summary: "Signed share of the score at each position; the shares sum to the score.",
  paper: "Kim et al., arXiv:2001.05153 (conservativeness); form derived here",
  rectified: false,
  unit: "score",
  spreadsRemainder: true,
  cells: ({ b, activations, conservedGradients, sum }) => sum(b.op("Mul", [activations, conservedGradients])),
};
