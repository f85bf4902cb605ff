// Which number of groups is ideal for the layers of several architectures, by closed form and, for the small ones, measured on
// untrained networks. Whether it depends on the architecture is a claim of arXiv:2302.03193.
import { adviseLayers } from "../../normalization/groups/advise-groups.ts";
import type { Convention } from "../../normalization/groups/closed-form.ts";
import { type IdealGroupsOptions, idealGroups } from "../../normalization/groups/ideal-groups.ts";
import { gaussianImages } from "../../normalization/groups/inputs.ts";
import { eachNetwork, type Study } from "../study.ts";
import { SIDE } from "./agreement.ts";
import { type ChainShape, chain } from "./networks.ts";

export const CONVENTIONS = ["norm", "variance"] as const satisfies readonly Convention[];

/** The ideal of one layer under one convention. */
export interface LayerIdeal {
  /** Null where no divisor is in the formula's range. */
  readonly groups: number | null;
  readonly gain: number | null;
  /** Measured: the ideal of each network, null without one; empty where nothing was measured. */
  readonly measured: readonly (number | null)[];
}

export interface IdealLayer {
  readonly name: string;
  /** Sizes in words. */
  readonly sizes: string;
  readonly channels: number;
  readonly ideals: { readonly [C in Convention]: LayerIdeal };
}

export interface Architecture {
  readonly name: string;
  readonly layers: readonly IdealLayer[];
}

/** Widths of MLPs, whose layers are as wide, half as wide and twice as wide as the one before. */
const MLPS: readonly (readonly number[])[] = [
  [256, 256, 256, 256],
  [512, 256, 128, 64],
  [64, 128, 256, 512],
];
/** Groups that the measured networks run with. */
const OWN_GROUPS = 32;
const IMAGES = 4;

export async function architectures(study: Study): Promise<Architecture[]> {
  const found: Architecture[] = [];
  for (const widths of MLPS) found.push(await measuredMlp(widths, study));
  return [...found, { name: "ResNet-50", layers: resNet50() }];
}

async function measuredMlp(widths: readonly number[], study: Study): Promise<Architecture> {
  const shape: ChainShape = { kind: "MLP", widths, side: SIDE, activation: "relu", groups: () => OWN_GROUPS };
  const name = `MLP ${widths.join("-")}`;
  const networks = {
    step: `${name}, ideal groups`,
    key: `ideals ${name}`,
    build: (seed: number) => chain(shape, seed),
  };
  const measured = await eachNetwork(study, networks, async (model, seed) => {
    const images = gaussianImages(model.info, IMAGES, seed);
    const layers = await adviseLayers(model, { kind: "gaussian", images }, { seed, signal: study.signal });
    return layers.map(({ advice: { idealByConvention: ideal } }) => ({
      norm: ideal.norm.measured,
      variance: ideal.variance.measured,
    }));
  });
  const layers = widths.map((channels, l): IdealLayer => {
    const inputChannels = l === 0 ? 3 * SIDE ** 2 : (widths[l - 1] as number);
    const inputActivation = l === 0 ? "none" : "relu";
    const layer = layerOf(`layer ${l + 1}`, { channels, inputChannels, activation: "relu", inputActivation });
    const with_ = (convention: Convention): LayerIdeal => ({
      ...layer.ideals[convention],
      measured: measured.map((network) => network[l]?.[convention] ?? null),
    });
    return { ...layer, ideals: { norm: with_("norm"), variance: with_("variance") } };
  });
  return { name, layers };
}

type LayerSizes = Omit<IdealGroupsOptions, "inputChannels" | "kernel" | "spatial"> & {
  readonly inputChannels: number;
  readonly kernel?: readonly number[];
  readonly spatial?: readonly number[];
};

function layerOf(name: string, options: LayerSizes): IdealLayer {
  const ideal = (convention: Convention): LayerIdeal => {
    const { groups, gain } = idealGroups({ ...options, convention });
    return { groups, gain, measured: [] };
  };
  const { channels, inputChannels, kernel = [], stride = 1, spatial = [] } = options;
  const kind = kernel.length === 0 ? "" : `, ${kernel.join("×")}${stride > 1 ? ` / ${stride}` : ""}`;
  const map = spatial.length === 0 ? "" : `, ${spatial.join("×")}`;
  return {
    name,
    sizes: `${inputChannels} → ${channels}${kind}${map}`,
    channels,
    ideals: { norm: ideal("norm"), variance: ideal("variance") },
  };
}

/** Blocks of the four stages (He et al. 2016, table 1), on pictures of 224 × 224, the stride in the 3×3 convolution. */
const STAGES = [3, 4, 6, 3];
const FIRST_SIDE = 56;
const EXPANSION = 4;

/** Every kind of layer once: blocks of a stage behind its first are alike. */
function resNet50(): IdealLayer[] {
  const conv = (
    name: string,
    [inputChannels, channels]: readonly [number, number],
    [kernel, stride, side]: readonly [number, number, number],
    [inputActivation, activation]: readonly [string, string],
  ): IdealLayer =>
    layerOf(name, {
      channels,
      inputChannels,
      kernel: [kernel, kernel],
      stride,
      spatial: [side, side],
      activation,
      inputActivation,
    });
  const relu = ["relu", "relu"] as const;
  // what goes into the sum has no activation before it
  const last = ["relu", "none"] as const;
  const layers = [conv("conv1", [3, 64], [7, 2, 2 * FIRST_SIDE], ["none", "relu"])];
  STAGES.forEach((blocks, s) => {
    const width = 64 * 2 ** s;
    const wide = EXPANSION * width;
    const side = FIRST_SIDE / 2 ** s;
    const [before, stride] = s === 0 ? [64, 1] : [wide / 2, 2];
    const name = (block: string, part: string) => `layer${s + 1}.${block}.${part}`;
    const rest = `1–${blocks - 1}`;
    layers.push(
      conv(name("0", "conv1"), [before, width], [1, 1, side * stride], relu),
      conv(name("0", "conv2"), [width, width], [3, stride, side], relu),
      conv(name("0", "conv3"), [width, wide], [1, 1, side], last),
      conv(name("0", "downsample"), [before, wide], [1, stride, side], last),
      conv(name(rest, "conv1"), [wide, width], [1, 1, side], relu),
      ...(stride === 1 ? [] : [conv(name(rest, "conv2"), [width, width], [3, 1, side], relu)]),
    );
  });
  return layers;
}
