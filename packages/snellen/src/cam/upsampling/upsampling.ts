// From cells to pixels: an axis of its own, usable with every method. Built into the graph.
import type { GraphBuilder } from "@snellen/graph";

export interface UpsamplingContext {
  readonly b: GraphBuilder;
  /** float32 [N, h, w]. */
  readonly cells: string;
  /** Height and width of the result. */
  readonly size: readonly [number, number];
  /** Standard deviation of a Gaussian kernel in multiples of the cell spacing. */
  readonly sigma: number;
}

export interface Upsampling {
  readonly id: string;
  readonly summary: string;
  /** Whether the sum of the map is that of the cells. */
  readonly conservative: boolean;
  /** Builds the map, float32 [N, H, W]. */
  readonly build: (context: UpsamplingContext) => string;
}
