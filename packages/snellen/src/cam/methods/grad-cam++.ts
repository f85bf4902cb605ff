// Grad-CAM++: channels weighted by their positive gradients, each by how alone it stands.
// Chattopadhay et al., "Grad-CAM++", WACV 2018, equations 7 and 19 (with the exponential dropped, as every library does).
import { type LayerMethod, spatialSum } from "../method.ts";

/** Keeps the quotient finite where a channel is silent; pytorch-grad-cam's. */
const EPSILON = 1e-6;

// α = g² / (2g² + g³·ΣA), w_k = Σ_ij α·ReLU(g)
export const gradCamPlusPlus: LayerMethod = {
  kind: "layer",
  id: "grad-cam++",
  title: "Grad-CAM++",
  summary: "Channels weighted by positive gradients, each weighted by how few positions speak for the class.",
  paper: "Chattopadhay et al., WACV 2018, arXiv:1710.11063, eq. 19",
  rectified: true,
  unit: "own",
  cells({ b, activations, gradients, sum }) {
    const square = b.op("Mul", [gradients, gradients]);
    const cube = b.op("Mul", [square, gradients]);
    const twice = b.op("Add", [square, square]);
    const total = b.op("Mul", [spatialSum(b, activations), cube]);
    const below = b.op("Add", [b.op("Add", [twice, total]), b.scalar(EPSILON)]);
    const alpha = b.op("Div", [square, below]);
    const weights = spatialSum(b, b.op("Mul", [b.op("Relu", [gradients]), alpha]));
    return sum(b.op("Mul", [activations, weights]));
  },
};
