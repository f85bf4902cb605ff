// `reproduce groups` on the user's own networks: gains of their layers beside the closed form, ideal groups, and how long the
// gradient is with them. arXiv:2302.03193; methods.md §1.
import { UnsupportedError } from "@snellen/graph";
import { adviseGroups, type GroupAdvice, groupedBlocks } from "../../normalization/groups/advise-groups.ts";
import { measureGains } from "../../normalization/groups/measure-gains.ts";
import { eachGiven, type GivenFacts, type GivenModel } from "../given.ts";
import type { Estimate } from "../jackknife.ts";
import type { Study } from "../study.ts";
import { scaled } from "./agreement.ts";
import { blockFormula, inputStatistics } from "./formula.ts";

/** One layer with the groups that it has. */
export interface GivenLayer {
  readonly node: string;
  readonly channels: number;
  readonly groups: number;
  /** With a scale of 1, as the closed form has it; interval over images. */
  readonly measured: Estimate;
  /** Measured over the closed form that knows what the layer reads; null where there is none, or out of its range. */
  readonly ratioInformed: Estimate | null;
}

export interface GivenResult extends GivenFacts {
  readonly layers: readonly GivenLayer[];
  /** With the network's own scales; null where it was refused. */
  readonly advice: GroupAdvice | null;
}

export const givenResults = (study: Study, models: readonly GivenModel[]): Promise<GivenResult[]> =>
  eachGiven<Omit<GivenResult, keyof GivenFacts>>(
    study,
    models,
    { layers: [], advice: null },
    async (given) => {
      const layers = await layersOf(given, study);
      const { model, kind, images } = given;
      const { seed, signal } = study;
      return { layers, advice: await adviseGroups(model, { kind, images }, { seed, signal }) };
    },
  );

async function layersOf({ model, images }: GivenModel, { seed, signal }: Study): Promise<GivenLayer[]> {
  const blocks = groupedBlocks(model.info);
  if (blocks.length === 0)
    throw new UnsupportedError("no-groups", "no normalization of this network works on groups of channels.", {
      hint: "Give a network with group normalization.",
    });
  const inputs = await inputStatistics(model, blocks, images, signal);
  const found = await measureGains(model, blocks, images, {
    candidates: ({ normalization }) => [normalization.groups ?? 1],
    affine: () => "unit",
    seed,
    signal,
  });
  return blocks.map((block, l): GivenLayer => {
    const { channels, node, groups } = block.normalization;
    const own = groups ?? 1;
    const { gain, low, high } = found[l]?.[0] ?? { gain: 0, low: null, high: null };
    const measured: Estimate = { value: gain, interval: low === null || high === null ? null : [low, high] };
    const formula = blockFormula(block, own, inputs[l]);
    const isKnown = formula?.isValid === true && formula.gain !== null;
    return {
      node: node.name || (node.outputs[0] ?? ""),
      channels,
      groups: own,
      measured,
      ratioInformed: isKnown ? scaled(measured, 1 / (formula.gain as number)) : null,
    };
  });
}
