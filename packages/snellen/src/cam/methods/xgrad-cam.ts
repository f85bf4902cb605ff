// XGrad-CAM: channels weighted by their gradients, averaged with the activations as weights.
// Fu et al., "Axiom-based Grad-CAM", BMVC 2020, equation 9.
import { type LayerMethod, spatialSum } from "../method.ts";

/** Keeps the quotient finite where a channel is silent; pytorch-grad-cam's. */
const EPSILON = 1e-7;

// w_k = Σ_ij g·A / ΣA; for a channel that is silent the quotient's numerator is zero too
export const xgradCam: LayerMethod = {
  kind: "layer",
  id: "xgrad-cam",
  title: "XGrad-CAM",
  summary: "Channels weighted by the mean of their gradient, positions weighted by their activation.",
  paper: "Fu et al., BMVC 2020, arXiv:2008.02312, eq. 9",
  rectified: true,
  unit: "score",
  cells({ b, activations, gradients, sum }) {
    const total = b.op("Add", [spatialSum(b, activations), b.scalar(EPSILON)]);
    const weights = spatialSum(b, b.op("Div", [b.op("Mul", [activations, gradients]), total]));
    return sum(b.op("Mul", [activations, weights]));
  },
};
