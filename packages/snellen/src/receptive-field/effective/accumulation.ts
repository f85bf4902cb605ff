// How gradients become what is averaged over images: the dead pixel test's algorithm, and the variant of RepLKNet's users.
// Both are built into the graph, picture by picture, so that batches give what single pictures give.
import type { GraphBuilder } from "@snellen/graph";
import { findById } from "../../find-by-id.ts";

/** How gradients become R: the unit that is differentiated, and what one picture adds. */
export interface Accumulation {
  readonly id: string;
  readonly summary: string;
  /** Adds the unit's value, float32 [N], from what the centre of a feature map holds, float32 [N, K]. */
  readonly unit: (b: GraphBuilder, centre: string) => string;
  /** Whether the unit is the mean over channels, or a multiple of it. */
  readonly isOfMean: boolean;
  /** Adds what one picture contributes, float32 [N, H, W], from the gradient with respect to it, float32 [N, C, H, W]. */
  readonly contribution: (b: GraphBuilder, gradient: string) => string;
  /** What turns R into RepLKNet's unit, sums over channels and colours: what logarithms are taken of. */
  readonly toSums: (channels: number, colours: number) => number;
  /** Whether its users measure areas on the logarithm of R. */
  readonly hasLogAreas: boolean;
}

const over = (b: GraphBuilder, op: "ReduceMean" | "ReduceSum", value: string): string =>
  b.op(op, [value, b.ints([1])], { keepdims: 0 });

/** Kim et al., arXiv:2108.13576, Algorithm 1. */
const deadPixels: Accumulation = {
  id: "dead-pixels",
  summary: "mean over images of ReLU(mean over colours of d(mean over channels)/d pixel)",
  unit: (b, centre) => over(b, "ReduceMean", centre),
  isOfMean: true,
  contribution: (b, gradient) => b.op("Relu", [over(b, "ReduceMean", gradient)]),
  toSums: (channels, colours) => channels * colours,
  hasLogAreas: false,
};

/** Ding et al., arXiv:2203.06717, in the form of their published script. */
const replknet: Accumulation = {
  id: "replknet",
  summary: "mean over images of the sum over colours of ReLU(d(sum over channels of ReLU)/d pixel)",
  unit: (b, centre) => over(b, "ReduceSum", b.op("Relu", [centre])),
  isOfMean: false,
  contribution: (b, gradient) => over(b, "ReduceSum", b.op("Relu", [gradient])),
  toSums: () => 1,
  hasLogAreas: true,
};

/** All accumulations: the dead pixel test's (arXiv:2108.13576, Algorithm 1) and RepLKNet's (arXiv:2203.06717). */
export const accumulations: readonly Accumulation[] = [deadPixels, replknet];

/**
 * The accumulation of an id.
 * @throws UsageError `unknown-accumulation`
 */
export const accumulation = (id: string): Accumulation =>
  findById(accumulations, id, {
    code: "unknown-accumulation",
    what: "accumulation",
    flag: "--accumulation",
  });
