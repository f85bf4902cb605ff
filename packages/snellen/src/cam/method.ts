// What a class activation method is. Each is one file in `methods/`, listed in `methods/index.ts`; everything else (command
// line, docs, tests) follows. Three kinds: by a layer's cells, by the input's pixels, by weights found with further runs.
import type { GraphBuilder, Node } from "@snellen/graph";
import type { DescribedModel } from "../vision-model/describe.ts";
import type { ChannelProbe } from "./channels/channel-probe.ts";

interface MethodFacts {
  readonly id: string;
  readonly title: string;
  /** One sentence: what a value means. */
  readonly summary: string;
  readonly paper: string;
  /** Whether the published method keeps only positive values; applied after the cells, before upsampling. */
  readonly rectified: boolean;
  /** `score`: values are shares of the target's score; `own`: another scale, comparable within one map only. */
  readonly unit: "score" | "own";
  /** What must hold between layer and scores for the method to mean anything. */
  readonly requires?: "linear-head";
  /** Explains how a class's score differs from those of others, so that the target must be such a score. */
  readonly comparesClasses?: boolean;
  /** Rows of the square matrix whose principal direction is taken; large ones are refused. */
  readonly rows?: (cells: number, channels: number) => number;
  /** Explains the features whatever the target is. */
  readonly ignoresTarget?: boolean;
}

/** A function from feature map and gradient to one value a cell, built into the graph. */
export interface LayerMethod extends MethodFacts {
  readonly kind: "layer";
  /** Whether what the cells miss of the score is spread over them evenly, unless asked otherwise. */
  readonly spreadsRemainder?: boolean;
  /** Builds the cells, float32 [N, h, w]: signed, unscaled. */
  readonly cells: (context: LayerContext) => string;
}

/** A map of the input's own size, which no layer and no upsampling bear on. */
export interface PixelMethod extends MethodFacts {
  readonly kind: "pixels";
  /** Builds the map, float32 [N, H, W]. */
  readonly map: (context: PixelContext) => string;
  /** Reason to distrust it on this network, in words. */
  readonly caveat?: (described: DescribedModel) => string | undefined;
}

/** One weight a channel, found by running the network (or its tail) on altered features or images; cells are Σ_k w_k · A_k. */
export interface ChannelMethod extends MethodFacts {
  readonly kind: "channels";
  /** Weights of one image and target, [K]. */
  readonly weights: (probe: ChannelProbe) => Promise<Float32Array>;
}

/** A class activation method; `kind` tells which of the three kinds it is. */
export type CamMethod = LayerMethod | PixelMethod | ChannelMethod;

/** What all methods built into the graph see: names of values. */
export interface GraphContext {
  readonly b: GraphBuilder;
  /** The target's score, float32 [N]. */
  readonly score: string;
  /** All classes' scores, float32 [N, classes]. */
  readonly scores: string;
  /** Index of the explained class, int64 [N]. */
  readonly index: string;
}

/** What a method sees that works on a layer's cells. */
export interface LayerContext extends GraphContext {
  /** Feature map A, float32 [N, K, h, w] (tokens already laid out as a grid). */
  readonly activations: string;
  /** ∂score/∂A, same shape; built when first asked for. */
  readonly gradients: string;
  /** The same with what scales others (attention weights, gates, deviations) held fixed where that was asked for. */
  readonly conservedGradients: string;
  /** ∂value/∂A of another scalar a picture, [N]. */
  readonly gradientsOf: (value: string) => string;
  /** The Hessian of the score times A, same shape; undefined where the score is linear in A. */
  readonly curvature: () => string | undefined;
  /** Contributions [N, K, h, w] → cells [N, h, w]: their sum, or their principal component where that was asked for. */
  readonly sum: (contributions: string) => string;
  /** Seed of methods that draw numbers. */
  readonly seed: number;
}

/** What a method sees that works on the input's pixels. */
export interface PixelContext extends GraphContext {
  readonly described: DescribedModel;
  /** The nodes of the network, in order. */
  readonly nodes: readonly Node[];
  /** The image batch as the network takes it. */
  readonly input: string;
  /** A value of the input's layout, laid out as float32 [N, C, H, W]. */
  readonly asPicture: (value: string) => string;
  /** Height and width of the map. */
  readonly size: readonly [number, number];
}

/** Mean over the spatial axes of [N, K, h, w], keeping them: [N, K, 1, 1]. */
export const spatialMean = (b: GraphBuilder, value: string): string =>
  b.op("ReduceMean", [value, b.ints([2, 3])], { keepdims: 1 });

/** Sum over the spatial axes of [N, K, h, w], keeping them: [N, K, 1, 1]. */
export const spatialSum = (b: GraphBuilder, value: string): string =>
  b.op("ReduceSum", [value, b.ints([2, 3])], { keepdims: 1 });

/** Sum over channels: [N, K, h, w] → [N, h, w]. */
export const channelSum = (b: GraphBuilder, value: string): string =>
  b.op("ReduceSum", [value, b.ints([1])], { keepdims: 0 });

/** Ones of the value's shape: the seed of Σ value. */
export const ones = (b: GraphBuilder, value: string): string =>
  b.op("Expand", [b.scalar(1, value), b.op("Shape", [value])]);
