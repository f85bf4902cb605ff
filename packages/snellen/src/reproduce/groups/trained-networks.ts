// The networks that `reproduce groups` trains, each with a group normalization in every place that allows one, and how they are
// trained: one recipe a network, whatever its groups. The recipes were chosen on seeds that the experiment does not use, so that
// networks learn within the pictures at hand; arXiv:2302.03193 trains the same kinds of network for longer.
import type { Model } from "@snellen/graph";
import { mlp, plainCnn, resnet, vit } from "../../networks/index.ts";
import { adviseLayers, groupedBlocks } from "../../normalization/groups/advise-groups.ts";
import { divisors } from "../../normalization/groups/divisors.ts";
import type { LayerBlock } from "../../normalization/groups/layer-block.ts";
import { describeModel } from "../../vision-model/describe.ts";
import type { VisionModel } from "../../vision-model/vision-model.ts";
import type { TrainingRecipe } from "../train-network.ts";
import type { optionsFor } from "../training-study.ts";

/** A kind of network that is trained with several choices of groups. */
export interface GroupedNetwork {
  readonly name: string;
  /** @param groups of all normalizations, or of each in the order of the network */
  readonly build: (pictures: PictureOptions, groups: number | readonly number[], seed: number) => Model;
  readonly recipe: Omit<TrainingRecipe, "seed" | "epochs">;
  /** Epochs of the whole experiment, over those of the effort. */
  readonly length: number;
}

type PictureOptions = ReturnType<typeof optionsFor>;

/** Weights do not decay: behind a normalization, decay would change the step's size from choice to choice. */
const SGD = { batch: 64, optimizer: "sgd", momentum: 0.9, decay: 0 } as const;

const perceptron = (
  name: string,
  widths: readonly number[],
  { rate, length }: { readonly rate: number; readonly length: number },
): GroupedNetwork => ({
  name,
  build: (pictures, groups, seed) => mlp.build({ ...pictures, widths, normalization: "gn", groups }, seed),
  recipe: { ...SGD, rate },
  length,
});

const CHANNELS = { widths: [16, 32, 64], normalization: "gn" } as const;

/** Those with unequal widths: one fixed number leaves some layer with few channels a group. */
export const groupedNetworks: readonly GroupedNetwork[] = [
  perceptron("MLP, 12 layers of 128", new Array(12).fill(128), { rate: 0.02, length: 2 }),
  perceptron("MLP 512-256-128-64", [512, 256, 128, 64], { rate: 0.05, length: 1.5 }),
  perceptron("MLP 64-128-256-512", [64, 128, 256, 512], { rate: 0.05, length: 1.5 }),
  {
    name: "plain CNN",
    build: (pictures, groups, seed) =>
      plainCnn.build({ ...pictures, ...CHANNELS, strides: [2, 2, 2], groups }, seed),
    recipe: { ...SGD, rate: 0.05 },
    length: 1,
  },
  {
    name: "ResNet",
    build: (pictures, groups, seed) =>
      resnet.build({ ...pictures, ...CHANNELS, blocks: [1, 1, 1], stem: "strided", groups }, seed),
    recipe: { ...SGD, rate: 0.05 },
    length: 1,
  },
  {
    name: "ViT with a convolutional stem",
    build: (pictures, stemGroups, seed) => vit.build({ ...pictures, ...HYBRID, stemGroups }, seed),
    recipe: { batch: 32, optimizer: "adamw", decay: 0, rate: 3e-3 },
    length: 1,
  },
];

const HYBRID = {
  stem: "conv-gn",
  stemWidths: [32, 64],
  patch: 4,
  width: 32,
  depth: 2,
  heads: 2,
  mlpRatio: 2,
  pooling: "mean",
  weights: "xavier-uniform",
} as const;

/** What the networks have before they are advised: what people take who think of channels. */
const USUAL_CHANNELS = 16;
const FIXED_GROUPS = 32;

const largestDivisor = (channels: number, limit: number): number =>
  divisors(channels).findLast((d) => d <= limit) ?? 1;

/** Groups of each normalization, chosen one way. */
export interface GroupChoice {
  readonly choice: string;
  readonly groups: readonly number[];
}

/** Channels of each normalization, in the order of the network. */
export const channelsOf = ({ build }: GroupedNetwork, pictures: PictureOptions): number[] =>
  groupedBlocks(describeModel(build(pictures, 1, 0))).map(({ normalization }) => normalization.channels);

/** 16 channels a group, or as near as each layer allows. */
export const usualGroups = (channels: readonly number[]): number[] =>
  channels.map((c) => largestDivisor(c, c / USUAL_CHANNELS));

/**
 * Choices without advice: one number for all layers (divisors of the smallest width, evenly spread where there are more than
 * `most`), 32 or as near as each layer allows, 16 channels a group, and a group for each channel.
 */
export function fixedChoices(channels: readonly number[], most: number): GroupChoice[] {
  const numbers = divisors(Math.min(...channels));
  const last = Math.max(1, Math.min(most, numbers.length) - 1);
  const swept = Array.from({ length: last + 1 }, (_, i) => Math.round((i * (numbers.length - 1)) / last)).map(
    (at) => numbers[at] as number,
  );
  return [
    ...[...new Set(swept)]
      .filter((g) => g !== FIXED_GROUPS)
      .map((g) => ({ choice: `G = ${g}`, groups: channels.map(() => g) })),
    { choice: `G = ${FIXED_GROUPS}`, groups: channels.map((c) => largestDivisor(c, FIXED_GROUPS)) },
    { choice: `${USUAL_CHANNELS} channels a group`, groups: usualGroups(channels) },
    { choice: "G = C", groups: channels },
  ];
}

/** The choices of the advice, measured on the network as it is; where a layer has no ideal it keeps its groups. */
export async function advisedChoices(
  model: VisionModel,
  images: Parameters<typeof adviseLayers>[1],
  options: Parameters<typeof adviseLayers>[2],
): Promise<GroupChoice[]> {
  const advised = await adviseLayers(model, images, options);
  return (["norm", "variance"] as const).map((convention) => ({
    choice: `advised by ${convention}`,
    groups: advised.map(({ advice: { idealByConvention, groups } }) => {
      const { measured, closedForm } = idealByConvention[convention];
      return measured ?? closedForm ?? groups ?? 1;
    }),
  }));
}

/** Layers whose gain tells how gradients reach weights: not the first, behind which there is only the picture. */
export const innerBlocks = (model: VisionModel): LayerBlock[] => groupedBlocks(model.info).slice(1);
