// From cells to pixels: an axis of its own, usable with every method. Built into the graph.
import type { GraphBuilder } from "@snellen/graph";
import type { Width } from "./sigma.ts";

/** Pixel position of cell i: `first + i·spacing`; pixel centres are whole numbers. */
export interface AxisCentres {
  readonly first: number;
  readonly spacing: number;
}

/** Cells that divide an axis of `pixels` evenly. */
export const evenCentres = (cells: number, pixels: number): AxisCentres => ({
  first: pixels / cells / 2 - 0.5,
  spacing: pixels / cells,
});

export interface UpsamplingContext {
  readonly b: GraphBuilder;
  /** float32 [N, h, w]. */
  readonly cells: string;
  /** Height and width of the result. */
  readonly size: readonly [number, number];
  /** Where the cells' centres lie, per axis; evenly over the image where that is not known. */
  readonly centres: readonly [AxisCentres, AxisCentres];
  /** Standard deviation of a Gaussian kernel. */
  readonly sigma: Width;
}

export interface Upsampling {
  readonly id: string;
  readonly summary: string;
  /** Whether the sum of the map is that of the cells. */
  readonly conservative: boolean;
  /** Builds the map, float32 [N, H, W]. */
  readonly build: (context: UpsamplingContext) => string;
}
