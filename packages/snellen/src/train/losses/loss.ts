// What training makes small: from scores and classes to one number, as nodes of the graph.
import type { GraphBuilder } from "@snellen/graph";

export interface LossOptions {
  /** Share of each target that is spread evenly over all classes (Szegedy et al. 2016), 0 to 1 without the end. */
  readonly labelSmoothing: number;
}

export interface Loss {
  readonly id: string;
  /** For help and tables. */
  readonly title: string;
  /** Why these scores cannot be trained with it; undefined where they can. */
  readonly refusal: (classes: number) => string | undefined;
  /**
   * Adds the loss of each picture, [N].
   * @param scores float32 [N, classes]
   * @param targets float32 [N, classes]: one for the picture's class and zero for others, or the one score's 0 or 1
   */
  readonly add: (b: GraphBuilder, scores: string, targets: string) => string;
}

/** Sum over the classes. */
export const sumOverClasses = (b: GraphBuilder, value: string): string =>
  b.op("ReduceSum", [value, b.ints([1])], { keepdims: 0 });
