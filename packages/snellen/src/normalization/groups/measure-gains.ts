// Gradient gains of a network's own layers, for every number of groups. methods.md §1.
import type { ImageInput } from "../../images/image.ts";
import type { VisionModel } from "../../vision-model/vision-model.ts";
import { type AffineChoice, type Candidate, gainGraph } from "./gain-graph.ts";
import type { LayerBlock } from "./layer-block.ts";
import { type Gain, type MeasuredPart, type MeasurePartsOptions, measureParts } from "./measure-parts.ts";

export type MeasuredGain = Gain & { readonly candidate: Candidate };

export interface MeasureGainsOptions extends MeasurePartsOptions {
  /** Numbers of groups to try for a block. */
  readonly candidates: (block: LayerBlock) => readonly Candidate[];
  /** Default "own". */
  readonly affine?: (block: LayerBlock) => AffineChoice;
}

/**
 * Measures on the network as it is: its weights, and its scales and biases unless told otherwise.
 * @param images run through the network up to each block
 * @returns for each block its gains, in the order of its candidates
 * @throws UnsupportedError `no-gradient-rule`; what running throws
 */
export async function measureGains(
  model: VisionModel,
  blocks: readonly LayerBlock[],
  images: readonly ImageInput[],
  { candidates, affine = () => "own", ...options }: MeasureGainsOptions,
): Promise<MeasuredGain[][]> {
  const { model: graph, shapes } = model.info;
  const parts = blocks.map((block): MeasuredPart => {
    const [wanted, whose] = [candidates(block), affine(block)];
    return {
      ...block,
      key: `gain ${block.normalization.output} ${whose} ${wanted.join()}`,
      variants: wanted.length,
      graph: () => gainGraph(graph, shapes, block, wanted, whose),
    };
  });
  const found = await measureParts(model, parts, images, options);
  return found.map((gains, i) => {
    const wanted = candidates(blocks[i] as LayerBlock);
    return gains.map((gain, c) => ({ candidate: wanted[c] as Candidate, ...gain }));
  });
}
