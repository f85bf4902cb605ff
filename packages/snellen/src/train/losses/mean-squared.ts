// Squared distance of the scores from their targets, the mean over the classes.
import type { Loss } from "./loss.ts";

export const meanSquared: Loss = {
  id: "mean-squared",
  title: "scores as close as possible to 1 for the class and 0 for others",
  refusal: () => undefined,
  add: (b, scores, targets) => {
    const difference = b.op("Sub", [scores, targets]);
    return b.op("ReduceMean", [b.op("Mul", [difference, difference]), b.ints([1])], { keepdims: 0 });
  },
};
