// Gain over depth: with few groups, what is one offset per channel grows from layer to layer, and with it the gain of many groups,
// which take it off. Derived here; closed-form.ts says how the offset share enters.
import { groupedBlocks } from "../../normalization/groups/advise-groups.ts";
import { gaussianImages } from "../../normalization/groups/inputs.ts";
import { measureGains } from "../../normalization/groups/measure-gains.ts";
import type { VisionModel } from "../../vision-model/vision-model.ts";
import type { Estimate } from "../jackknife.ts";
import { eachNetwork, layersOf, type Study } from "../study.ts";
import { networkSeed, overNetworks, SIDE } from "./agreement.ts";
import { blockFormula, inputStatistics } from "./formula.ts";
import { chain } from "./networks.ts";

/** A layer, over networks. */
export interface DepthLayer {
  /** From 2: the first layer reads pictures. */
  readonly layer: number;
  readonly offsetShare: Estimate;
  /** Gain if this layer had so many groups. */
  readonly gains: readonly {
    readonly groups: number;
    readonly measured: Estimate;
    /** From sizes alone, and given what the layer reads. */
    readonly formula: number | null;
    readonly informed: number | null;
    readonly ratioInformed: Estimate | null;
  }[];
}

export interface DepthProfile {
  /** Groups of every layer as the networks run. */
  readonly own: number;
  readonly networks: number;
  readonly channels: number;
  readonly layers: readonly DepthLayer[];
}

const CHANNELS = 64;
const LAYERS = 12;
const IMAGES = 2;
const GROUPS = [1, 8, 64];

export async function depthProfiles(study: Study): Promise<DepthProfile[]> {
  const profiles: DepthProfile[] = [];
  for (const own of GROUPS) {
    const widths = new Array(layersOf(LAYERS, study)).fill(CHANNELS);
    const shape = { kind: "CNN", widths, side: SIDE, activation: "relu", groups: () => own } as const;
    const networks = Array.from({ length: study.effort.networks }, (_, k) => ({
      key: `depth ${own} ${k}`,
      build: () => chain(shape, networkSeed(study, k)),
    }));
    const found = await eachNetwork(study, `gain over depth, G = ${own}`, networks, (model, k) =>
      measured(model, networkSeed(study, k), study.signal),
    );
    profiles.push({ own, networks: found.length, channels: CHANNELS, layers: joined(found) });
  }
  return profiles;
}

/** A layer of one network. */
interface Layer {
  readonly offsetShare: number;
  readonly gains: readonly {
    readonly measured: number;
    readonly formula: number | null;
    readonly informed: number | null;
  }[];
}

async function measured(model: VisionModel, seed: number, signal: AbortSignal | undefined): Promise<Layer[]> {
  const blocks = groupedBlocks(model.info).slice(1);
  const images = gaussianImages(model.info, IMAGES, seed);
  const inputs = await inputStatistics(model, blocks, images, signal);
  const gains = await measureGains(model, blocks, images, { candidates: () => GROUPS, seed, signal });
  return blocks.map((block, l) => ({
    offsetShare: inputs[l]?.offsetShare as number,
    gains: GROUPS.map((groups, i) => ({
      measured: gains[l]?.[i]?.gain as number,
      formula: blockFormula(block, groups)?.gain ?? null,
      informed: blockFormula(block, groups, inputs[l])?.gain ?? null,
    })),
  }));
}

function joined(networks: readonly (readonly Layer[])[]): DepthLayer[] {
  const [first = []] = networks;
  return first.map(({ gains }, l) => {
    const own = networks.map((layers) => layers[l] as Layer);
    return {
      layer: l + 2,
      offsetShare: overNetworks(own.map(({ offsetShare }) => offsetShare)),
      gains: gains.map(({ formula }, i) => {
        const rows = own.map((layer) => layer.gains[i] as Layer["gains"][number]);
        const informed = rows.map((row) => row.informed);
        const isKnown = informed.every((v) => v !== null);
        return {
          groups: GROUPS[i] as number,
          measured: overNetworks(rows.map(({ measured }) => measured)),
          formula,
          informed: isKnown ? overNetworks(informed).value : null,
          ratioInformed: isKnown
            ? overNetworks(rows.map(({ measured }, k) => measured / (informed[k] as number)))
            : null,
        };
      }),
    };
  });
}
