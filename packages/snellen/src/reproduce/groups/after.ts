// The gradient gain of [weight → ReLU → GN] against the channels per group: is it isometric at m = 2π, as c/v·(1 − 2/m) would have
// it? That formula leaves out that few rectified values have a variance near zero now and then. Derived here.

import { activationOf } from "../../normalization/groups/activations.ts";
import { groupedBlocks } from "../../normalization/groups/advise-groups.ts";
import { divisors } from "../../normalization/groups/divisors.ts";
import { gaussianMoments } from "../../normalization/groups/gaussian-moments.ts";
import { gaussianImages } from "../../normalization/groups/inputs.ts";
import { measureGains } from "../../normalization/groups/measure-gains.ts";
import { simulateGain } from "../../normalization/groups/simulate-gain.ts";
import type { Estimate } from "../jackknife.ts";
import { eachNetwork, piece, type Study } from "../study.ts";
import { drawsOf, meanEstimate, overNetworks, SIDE, simulatedFormula } from "./agreement.ts";
import { chain } from "./networks.ts";

export interface AfterRow {
  readonly channelsPerGroup: number;
  /** c/v·(1 − 2/m): isometric at m = 2π. */
  readonly simple: number;
  /** The closed form of this project, where it is in its range. */
  readonly formula: number | null;
  readonly simulated: Estimate;
  /** Over networks. */
  readonly measured: Estimate;
}

export interface AfterStudy {
  readonly channels: number;
  readonly draws: number;
  readonly networks: number;
  /** Ascending in channels per group. */
  readonly rows: readonly AfterRow[];
}

/** Has 6 and 7 among its divisors, on both sides of 2π. */
const CHANNELS = 84;
const DRAWS = 2000;
const LAYERS = 4;
const LEAST_CHANNELS = 4;
const IMAGES = 4;

export async function afterStudy(study: Study): Promise<AfterStudy> {
  const perGroup = divisors(CHANNELS).filter((m) => m >= LEAST_CHANNELS);
  const groups = perGroup.map((m) => CHANNELS / m);
  const block = {
    kind: "plain",
    channels: CHANNELS,
    activation: "relu",
    position: "after-activation",
  } as const;
  const draws = drawsOf(DRAWS, study);
  const simulated = await piece(study, "simulated after activation", () =>
    simulateGain(block, { groups, draws, seed: study.seed }),
  );
  const measured = await onGraphs(groups, study);
  const { c, variance } = gaussianMoments(activationOf("relu"));
  const rows = perGroup.map((m, i): AfterRow => {
    const formula = simulatedFormula(block, groups[i] as number);
    return {
      channelsPerGroup: m,
      simple: (c / variance) * (1 - 2 / m),
      formula: formula.isValid ? formula.gain : null,
      simulated: meanEstimate(simulated[i] as (typeof simulated)[number]),
      measured: overNetworks(measured.map((network) => network[i] as number)),
    };
  });
  return { channels: CHANNELS, draws, networks: measured.length, rows };
}

/** Mean gains over the layers behind the first, by network. */
async function onGraphs(groups: readonly number[], study: Study): Promise<number[][]> {
  const shape = {
    kind: "MLP",
    widths: new Array(LAYERS).fill(CHANNELS),
    side: SIDE,
    activation: "relu",
    position: "after-activation",
    groups: () => 1,
  } as const;
  const networks = {
    step: "normalization after the activation",
    key: "after activation",
    build: (seed: number) => chain(shape, seed),
  };
  return await eachNetwork(study, networks, async (model, seed) => {
    const blocks = groupedBlocks(model.info).slice(1);
    const images = gaussianImages(model.info, IMAGES, seed);
    const gains = await measureGains(model, blocks, images, {
      candidates: () => groups,
      seed,
      signal: study.signal,
    });
    return groups.map((_, i) =>
      gains.reduce((sum, layer) => sum + (layer[i]?.gain as number) / gains.length, 0),
    );
  });
}
