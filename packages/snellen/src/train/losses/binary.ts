// Binary cross-entropy of each score's sigmoid, summed over the scores: softplus(y) − t·y.
import type { Loss } from "./loss.ts";
import { sumOverClasses } from "./loss.ts";

export const binary: Loss = {
  id: "binary",
  title: "one score for yes or no, or classes that do not exclude each other",
  refusal: () => undefined,
  add: (b, scores, targets) => {
    // one node, whose slope at a score of 0 is the sigmoid's 1/2: heads that begin with zeros have no other score
    const softplus = b.op("Softplus", [scores]);
    return sumOverClasses(b, b.op("Sub", [softplus, b.op("Mul", [targets, scores])]));
  },
};
