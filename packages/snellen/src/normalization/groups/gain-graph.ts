// The graph that measures a block's gradient gain for several numbers of groups at once: the block's weights run forward once,
// each candidate normalizes their output and sends the same noise back. Derived here (methods.md §1, measured gain).
import { backpropagate, expandOnPath } from "@snellen/autodiff";
import {
  createBuilder,
  type GraphBuilder,
  type Model,
  type Node,
  removeDead,
  type Shapes,
  takeTail,
} from "@snellen/graph";
import { asFloat } from "../../vision-model/as-float.ts";
import type { Normalization } from "../normalization.ts";
import { addGroupStatistics, addRegrouped, type KnownType } from "./group-statistics.ts";
import type { LayerBlock } from "./layer-block.ts";
import { nodesBetween, replay } from "./replay.ts";

/** A number of groups, or the normalization as the graph has it. */
export type Candidate = number | "as it is";

/** Whose scale and bias: the network's own, or γ = 1 and β = 0, as an untrained one has them. */
export type AffineChoice = "own" | "unit";

/** Names of the graph's further input and outputs. */
export const GAIN = {
  /** Gradient at the block's output, of its shape. */
  noise: "snellen_noise",
  /** float32 [N]: Σ squares of the gradient at the block's input, by candidate. */
  square: (candidate: number) => `snellen_square_${candidate}`,
} as const;

/**
 * @param model canonical, with its shapes
 * @param affine "unit" is not for the candidate "as it is"
 * @returns what `variantsGraph` returns, a variant a candidate
 * @throws UnsupportedError `no-gradient-rule`
 */
export function gainGraph(
  model: Model,
  shapes: Shapes,
  block: LayerBlock,
  candidates: readonly Candidate[],
  affine: AffineChoice = "own",
): Model {
  const { output, normalization } = block;
  const from = affine === "unit" ? normalization.output : normalization.normalized;
  return variantsGraph(model, shapes, block, (b, nodes) => {
    const after = nodesBetween(nodes, from, output);
    return candidates.map((candidate) => () => {
      if (candidate === "as it is") return output;
      return replay(b, after, from, regrouped(b, normalization, candidate, affine), output);
    });
  });
}

/**
 * A part of a network with the same noise sent back from each of its variants.
 * @param variantsOf given the nodes of the part: what each variant adds, and returns in the place of the part's output
 * @returns a model of the part's input and the noise
 * @throws UnsupportedError `no-gradient-rule`
 */
export function variantsGraph(
  model: Model,
  shapes: Shapes,
  { input, output }: Pick<LayerBlock, "input" | "output">,
  variantsOf: (b: GraphBuilder, nodes: readonly Node[]) => readonly (() => string)[],
): Model {
  const tail = takeTail(model, shapes, [input], [output]);
  const ready = expandOnPath(tail, shapes, { of: [output], wrt: [input] });
  const b = createBuilder({ ...ready.model, graph: { ...ready.model.graph, outputs: [] } }, ready.shapes);
  return b.scoped("gain", () => {
    const noise = b.inputLike(GAIN.noise, output);
    variantsOf(b, ready.model.graph.nodes).forEach((variant, i) => {
      const [gradient] = backpropagate(b, new Map([[variant(), noise]]), [input]).values();
      b.output(squares(b, gradient as string), GAIN.square(i));
    });
    return removeDead(b.build());
  });
}

/** What stands for the normalization's `normalized` with other groups, or for its `output` with a scale of 1. */
function regrouped(
  b: GraphBuilder,
  normalization: Normalization,
  groups: number,
  affine: AffineChoice,
): string {
  const typeOf = (value: string): KnownType => ({ dataType: b.dataType(value), dims: b.dims(value) });
  return affine === "unit"
    ? addGroupStatistics(b, normalization.input, normalization, groups, typeOf(normalization.input))
    : addRegrouped(b, normalization, groups, typeOf);
}

/** float32 [N]: Σ squares over all axes but the first. */
export function squares(b: GraphBuilder, value: string): string {
  const wide = asFloat(b, value);
  const axes = Array.from({ length: b.rank(wide) - 1 }, (_, i) => i + 1);
  return b.op("ReduceSumSquare", [wide, b.ints(axes)], { keepdims: 0 });
}
