// The gains of one network's layers for several numbers of groups, measured and by closed form. arXiv:2302.03193; methods.md §1.
import { groupedBlocks } from "../../normalization/groups/advise-groups.ts";
import { gaussianImages } from "../../normalization/groups/inputs.ts";
import { measureGains } from "../../normalization/groups/measure-gains.ts";
import type { VisionModel } from "../../vision-model/vision-model.ts";
import { blockFormula, inputStatistics } from "./formula.ts";

export interface LayerGains {
  /** Of what it reads: see `InputStatistics.offsetShare`. */
  readonly offsetShare: number;
  /** One for each number of groups. */
  readonly gains: readonly {
    readonly measured: number;
    /** From sizes alone, and given what the layer reads. */
    readonly formula: number | null;
    readonly informed: number | null;
  }[];
}

interface LayerGainsOptions {
  readonly groups: readonly number[];
  /** Gaussian pictures. */
  readonly images: number;
  readonly seed: number;
  readonly signal: AbortSignal | undefined;
}

/** Of all layers but the first, which reads pictures. */
export async function layerGains(
  model: VisionModel,
  { groups, images: count, seed, signal }: LayerGainsOptions,
): Promise<LayerGains[]> {
  const blocks = groupedBlocks(model.info).slice(1);
  const images = gaussianImages(model.info, count, seed);
  const inputs = await inputStatistics(model, blocks, images, signal);
  const gains = await measureGains(model, blocks, images, { candidates: () => groups, seed, signal });
  return blocks.map((block, l) => ({
    offsetShare: inputs[l]?.offsetShare as number,
    gains: groups.map((g, i) => ({
      measured: gains[l]?.[i]?.gain as number,
      formula: blockFormula(block, g)?.gain ?? null,
      informed: blockFormula(block, g, inputs[l])?.gain ?? null,
    })),
  }));
}
