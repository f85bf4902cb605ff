// Finer-CAM: Grad-CAM of how much a class stands out from the classes most like it.
// Zhang et al., "Finer-CAM: spotting the difference for finer visual explanation", CVPR 2025, arXiv:2501.11309, equation 5.
import type { GraphBuilder } from "@snellen/graph";
import { type LayerMethod, spatialMean } from "../method.ts";

/** Classes compared with, nearest by score first. */
const RIVALS = 3;
const EPSILON = 1e-9;

export const finerCam: LayerMethod = {
  kind: "layer",
  id: "finer-cam",
  title: "Finer-CAM",
  summary:
    "Grad-CAM of the class's score minus those of the three classes nearest to it, weighted by probability.",
  paper: "Zhang et al., CVPR 2025, arXiv:2501.11309",
  rectified: true,
  unit: "own",
  comparesClasses: true,
  cells({ b, activations, scores, index, gradientsOf, sum }) {
    const gradients = gradientsOf(distinction(b, scores, index));
    return sum(b.op("Mul", [activations, spatialMean(b, gradients)]));
  },
};

/** Σ p_r·(y_c − y_r) / Σ p_r over the rivals r, float32 [N]; y_c itself where there is but one class. */
function distinction(b: GraphBuilder, scores: string, index: string): string {
  const classes = b.dims(scores)[1] as number;
  const rivals = Math.min(RIVALS, classes - 1);
  const picked = b.op("Unsqueeze", [index, b.ints([1])]);
  const own = b.op("GatherElements", [scores, picked], { axis: 1 });
  if (rivals === 0) return b.op("Squeeze", [own, b.ints([1])]);
  const distance = b.op("Abs", [b.op("Sub", [scores, own])]);
  const [, nearest] = b.ops("TopK", [distance, b.ints([rivals + 1])], 2, { axis: 1, largest: 0, sorted: 1 });
  const others = b.op("Slice", [nearest as string, b.ints([1]), b.ints([rivals + 1]), b.ints([1])]);
  const probability = b.op("Softmax", [scores], { axis: 1 });
  const weights = b.op("GatherElements", [probability, others], { axis: 1 });
  const theirs = b.op("GatherElements", [scores, others], { axis: 1 });
  const lead = b.op("Mul", [weights, b.op("Sub", [own, theirs])]);
  const total = (value: string) => b.op("ReduceSum", [value, b.ints([1])], { keepdims: 0 });
  return b.op("Div", [total(lead), b.op("Add", [total(weights), b.scalar(EPSILON)])]);
}
