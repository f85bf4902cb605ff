// Shapes of the loss operators: a scalar, or one loss per label without reduction.
// ONNX: NegativeLogLikelihoodLoss 13, SoftmaxCrossEntropyLoss 13.
import { attr } from "../../model.ts";
import { given, type ShapeTable } from "./support.ts";

/** The second output (SoftmaxCrossEntropyLoss) holds the log-probabilities. */
const loss = given(2, ({ node }, scores, labels) => {
  const reduced = attr.string(node, "reduction", "mean") !== "none";
  const { dataType } = scores;
  return [
    { dataType, dims: reduced ? [] : labels.dims },
    { dataType, dims: scores.dims },
  ];
});

export const losses: ShapeTable = { NegativeLogLikelihoodLoss: loss, SoftmaxCrossEntropyLoss: loss };
