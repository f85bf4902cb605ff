// The probability of a class from a network's scores: Softmax, or Sigmoid where the network has one score a class of its own.
import type { DescribedModel } from "../../vision-model/describe.ts";

/** 0 to 1. The same rule as the target `probability:<class>`. */
export function probabilityOf(
  { logits: { skipped, classes } }: DescribedModel,
  scores: Float32Array,
  classIndex: number,
): number {
  const own = scores[classIndex] as number;
  if (skipped === "Sigmoid" || classes === 1) return 1 / (1 + Math.exp(-own));
  // Σ_k exp(s_k − s_c): no subtraction of the highest needed; an overflow is a probability of zero.
  let sum = 0;
  for (const score of scores) sum += Math.exp(score - own);
  return 1 / sum;
}
