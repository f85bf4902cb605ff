// Cross-entropy of the softmax over the classes: −Σ t·log softmax(y).
import type { Loss } from "./loss.ts";
import { sumOverClasses } from "./loss.ts";

export const crossEntropy: Loss = {
  id: "cross-entropy",
  title: "classes that exclude each other",
  refusal: (classes) => (classes < 2 ? "its softmax over one score is always 1" : undefined),
  add: (b, scores, targets) => {
    const logs = b.op("LogSoftmax", [scores], { axis: 1 });
    return b.op("Neg", [sumOverClasses(b, b.op("Mul", [targets, logs]))]);
  },
};
