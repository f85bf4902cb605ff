// Gain over depth: with few groups, what is one offset per channel grows from layer to layer, and with it the gain of many groups,
// which take it off. Derived here; closed-form.ts says how the offset share enters.
import type { Estimate } from "../jackknife.ts";
import { eachNetwork, layersOf, type Study } from "../study.ts";
import { overNetworks, SIDE } from "./agreement.ts";
import { type LayerGains, layerGains } from "./layer-gains.ts";
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
    const networks = {
      step: `gain over depth, G = ${own}`,
      key: `depth ${own}`,
      build: (seed: number) => chain(shape, seed),
    };
    const found = await eachNetwork(study, networks, (model, seed) =>
      layerGains(model, { groups: GROUPS, images: IMAGES, seed, signal: study.signal }),
    );
    profiles.push({ own, networks: found.length, channels: CHANNELS, layers: joined(found) });
  }
  return profiles;
}

function joined(networks: readonly (readonly LayerGains[])[]): DepthLayer[] {
  const [first = []] = networks;
  return first.map(({ gains }, l) => {
    const own = networks.map((layers) => layers[l] as LayerGains);
    return {
      layer: l + 2,
      offsetShare: overNetworks(own.map(({ offsetShare }) => offsetShare)),
      gains: gains.map(({ formula }, i) => {
        const rows = own.map((layer) => layer.gains[i] as LayerGains["gains"][number]);
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
