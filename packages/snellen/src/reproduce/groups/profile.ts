// How long the gradient is at every layer of deep untrained networks, for the advised groups and for fixed numbers: whether the
// advice keeps it nearest to constant. Isometry as in arXiv:2302.03193; the measure of it derived here.
import type { ImageInput } from "../../images/image.ts";
import { adviseLayers, groupedBlocks } from "../../normalization/groups/advise-groups.ts";
import type { Convention } from "../../normalization/groups/closed-form.ts";
import { divisors } from "../../normalization/groups/divisors.ts";
import { gaussianImages } from "../../normalization/groups/inputs.ts";
import { gradientLengths } from "../../normalization/groups/isometry-profile.ts";
import type { LayerBlock } from "../../normalization/groups/layer-block.ts";
import { rewriteGroups } from "../../normalization/groups/rewrite-groups.ts";
import type { VisionModel } from "../../vision-model/vision-model.ts";
import { eachNetwork, layersOf, type Study } from "../study.ts";
import { SIDE } from "./agreement.ts";
import { type ChainShape, chain } from "./networks.ts";

/** One choice of groups in one network. */
export interface NetworkProfile {
  readonly choice: string;
  readonly groups: readonly number[];
  /** Natural logarithm of ‖∂L/∂o‖ at each layer's output, first to last; null where no gradient arrives. */
  readonly logLengths: readonly (number | null)[];
  /** The same per element: of the root mean square. */
  readonly logPerElement: readonly (number | null)[];
}

export interface ProfileStudy {
  readonly network: string;
  /** A network each; in each the same choices in the same order. */
  readonly networks: readonly (readonly NetworkProfile[])[];
}

/** What the networks have before anything is advised, and the most common fixed number. */
const FIXED_GROUPS = 32;
const FIXED_CHANNELS = 16;
const IMAGES = 2;

const largestDivisor = (channels: number, limit: number): number =>
  divisors(channels).findLast((d) => d <= limit) ?? 1;

/** Ideals of a layer, measured on the network as it was; `again`: on the one that has the first advice by norm. */
type Advised = { readonly [C in Convention]: number } & { readonly again: number };

/** Advice, and what people choose without it. */
const CHOICES: readonly {
  readonly name: string;
  readonly choose: (advised: Advised, channels: number) => number;
}[] = [
  { name: "advised by norm", choose: ({ norm }) => norm },
  { name: "advised by norm, measured again", choose: ({ again }) => again },
  { name: "advised by variance", choose: ({ variance }) => variance },
  { name: "G = 1", choose: () => 1 },
  { name: `G = ${FIXED_GROUPS}`, choose: (_, channels) => largestDivisor(channels, FIXED_GROUPS) },
  {
    name: `${FIXED_CHANNELS} channels a group`,
    choose: (_, channels) => largestDivisor(channels, channels / FIXED_CHANNELS),
  },
  { name: "G = C", choose: (_, channels) => channels },
];

const base = {
  side: SIDE,
  activation: "relu",
  groups: (channels: number) => largestDivisor(channels, FIXED_GROUPS),
} as const;

/** Deep ones of equal layers, and such as become narrower or wider. */
function shapesOf(study: Study): { readonly name: string; readonly shape: ChainShape }[] {
  const same = (layers: number, channels: number): number[] => new Array(layers).fill(channels);
  const [linear, convolutions] = [layersOf(20, study), layersOf(12, study)];
  const cnn = { ...base, kind: "CNN", widths: same(convolutions, 64) } as const;
  const mlp = (widths: readonly number[]) => ({ ...base, kind: "MLP", widths }) as const;
  return [
    { name: `MLP, ${linear} layers of 256`, shape: mlp(same(linear, 256)) },
    { name: `CNN, ${convolutions} layers of 64, pooled`, shape: cnn },
    { name: `CNN, ${convolutions} layers of 64, dense head`, shape: { ...cnn, head: "dense" } },
    { name: "MLP 512-256-128-64", shape: mlp([512, 256, 128, 64]) },
    { name: "MLP 64-128-256-512", shape: mlp([64, 128, 256, 512]) },
  ];
}

export async function profileStudies(study: Study): Promise<ProfileStudy[]> {
  const studies: ProfileStudy[] = [];
  for (const { name, shape } of shapesOf(study)) {
    const networks = {
      step: `${name}, gradient lengths`,
      key: `profile ${name}`,
      build: (seed: number) => chain(shape, seed),
    };
    const found = await eachNetwork(study, networks, (model, seed) => profiles(model, study, seed));
    studies.push({ network: name, networks: found });
  }
  return studies;
}

async function profiles(model: VisionModel, study: Study, seed: number): Promise<NetworkProfile[]> {
  const { signal } = study;
  const images = gaussianImages(model.info, IMAGES, seed);
  const on = { kind: "gaussian", images } as const;
  const ideals = (of: VisionModel) => adviseLayers(of, on, { seed, signal });
  const first = (await ideals(model)).map(({ advice }) => advice);
  const blocks = groupedBlocks(model.info);
  const edits = blocks.map(({ normalization }, i) => ({
    normalization,
    groups: first[i]?.idealByConvention.norm.measured ?? 1,
  }));
  await using changed = study.open(rewriteGroups(model.info.model, model.info.shapes, edits).model);
  const again = (await ideals(changed)).map(({ advice }) => advice);
  const found: NetworkProfile[] = [];
  for (const { name, choose } of CHOICES) {
    const groups = first.map(({ channels, idealByConvention: { norm, variance } }, i) => {
      const second = again[i]?.idealByConvention.norm.measured ?? 1;
      return choose({ norm: norm.measured ?? 1, variance: variance.measured ?? 1, again: second }, channels);
    });
    found.push({
      choice: name,
      groups,
      ...(await logLengths(model, blocks, groups, { images, seed, signal })),
    });
  }
  return found;
}

interface LengthOptions {
  readonly images: readonly ImageInput[];
  readonly seed: number;
  readonly signal: AbortSignal | undefined;
}

async function logLengths(
  model: VisionModel,
  blocks: readonly LayerBlock[],
  groups: readonly number[],
  { images, seed, signal }: LengthOptions,
): Promise<Pick<NetworkProfile, "logLengths" | "logPerElement">> {
  const edits = blocks.map(({ normalization }, i) => ({ normalization, groups: groups[i] as number }));
  const values = blocks.map(({ output }) => output);
  const lengths = await gradientLengths(model, values, edits, images, { seed, signal });
  const log = (of: (length: number, i: number) => number) =>
    lengths.map((length, i) => (length > 0 ? Math.log(of(length, i)) : null));
  return {
    logLengths: log((length) => length),
    logPerElement: log((length, i) => length / Math.sqrt((blocks[i] as LayerBlock).outputSize)),
  };
}
