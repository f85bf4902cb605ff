// What a class activation method is: a function from feature map and gradient to one value per cell, built into the graph.
// Each method is one file in `methods/`, listed in `methods/index.ts`; everything else (CLI choices, docs, tests) follows.
import type { GraphBuilder } from "@snellen/graph";

/** Names of values in the graph under construction. */
export interface CamContext {
  readonly b: GraphBuilder;
  /** Feature map A, float32 [N, K, h, w] (tokens already laid out as a grid). */
  readonly activations: string;
  /** ∂score/∂A, same shape. */
  readonly gradients: string;
  /** Score of the target, [N]. */
  readonly score: string;
}

export interface CamMethod {
  readonly id: string;
  readonly title: string;
  /** One sentence: what a cell's value means. */
  readonly summary: string;
  readonly paper: string;
  /** Whether the published method keeps only positive values; applied after the cells, before upsampling. */
  readonly rectified: boolean;
  /** What must hold between layer and scores for the method to mean anything. */
  readonly requires?: "linear-head";
  /** Builds the cells, float32 [N, h, w]: signed, unscaled. */
  readonly cells: (context: CamContext) => string;
}

/** Mean over the spatial axes of [N, K, h, w], keeping them: [N, K, 1, 1]. */
export const spatialMean = (b: GraphBuilder, value: string): string =>
  b.op("ReduceMean", [value, b.ints([2, 3])], { keepdims: 1 });

/** Sum over channels: [N, K, h, w] → [N, h, w]. */
export const channelSum = (b: GraphBuilder, value: string): string =>
  b.op("ReduceSum", [value, b.ints([1])], { keepdims: 0 });
