// Layer scale: a γ of its own, one number a channel, that multiplies a residual branch right before the Add.
// Touvron et al. 2021 (CaiT); ConvNeXt, BEiT and others since.
import type { Node } from "@snellen/graph";
import { type Flow, vectorSize } from "../flow.ts";
import type { ResidualAdd } from "../residual-adds.ts";

export interface LayerScale {
  /** The Mul. */
  readonly node: Node;
  /** Constant with γ, or what was computed from it (a Reshape of it). */
  readonly scale: string;
  readonly channels: number;
  readonly output: string;
  readonly residual: ResidualAdd;
}

/** In graph order of their Adds. A scalar is no layer scale: nothing tells a learned one from a factor that was written down. */
export const findLayerScales = (flow: Flow, residuals: readonly ResidualAdd[]): LayerScale[] =>
  residuals.flatMap((residual) =>
    residual.branches.flatMap((branch) => scaleBefore(flow, branch, residual) ?? []),
  );

/** Between the Mul and the Add: what moves elements around and changes none. */
const MOVES = /^(Cast|Flatten|Identity|Reshape|Squeeze|Transpose|Unsqueeze)$/;

function scaleBefore(flow: Flow, branch: string, residual: ResidualAdd): LayerScale | undefined {
  let output = branch;
  let node = flow.index.producer(output);
  while (node !== undefined && MOVES.test(node.opType)) {
    output = node.inputs[0] as string;
    node = flow.index.producer(output);
  }
  if (node?.opType !== "Mul" || flow.normalizationOf(node) !== undefined) return undefined;
  const scale = node.inputs.find((name) => !flow.isImage(name));
  const channels = scale === undefined ? undefined : vectorSize(flow, scale);
  if (scale === undefined || channels === undefined) return undefined;
  return { node, scale, channels, output, residual };
}
