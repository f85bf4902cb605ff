// The untrained residual networks that `reproduce gammas` measures: ResNets with batch or group normalization, transformers with
// the normalization before or behind the branch. After He et al. 2016 (both papers), Vaswani et al. 2017, Xiong et al. 2020.
import type { Model } from "@snellen/graph";
import { unitVariance } from "../../networks/initial-weights.ts";
import type { NetworkWriter } from "../../networks/network-writer.ts";
import { createNetwork } from "../random-network.ts";

/** A kind of network, from a seed and what its γ are set to. */
export interface GammaNetwork {
  readonly name: string;
  readonly build: (seed: number, gammaOf?: (normalization: string) => number) => Model;
  /** Whether its normalizations keep statistics, which must be set to the pictures'. */
  readonly keepsStatistics: boolean;
}

type Norm = "BN" | "GN";
type Normalize = (name: string, x: string) => string;

const SIDE = 16;
const CLASSES = 10;
const GROUPS = 8;
const BEHIND_RELU = unitVariance("relu");

/** Residual blocks a stage; maps are halved from stage to stage, widths doubled. */
const STAGES = 3;

/** @param depth blocks of a stage, and half the blocks of a transformer */
export function gammaNetworks(depth: number): GammaNetwork[] {
  const resnet = (name: string, norm: Norm, block: Block): GammaNetwork => ({
    name: `ResNet, ${name}, ${norm}`,
    build: (seed, gammaOf) => resNet({ depth, norm, block }, seed, gammaOf),
    keepsStatistics: norm === "BN",
  });
  const former = (order: "pre" | "post"): GammaNetwork => ({
    name: `transformer, ${order}-LN`,
    build: (seed, gammaOf) => transformer(order, 2 * depth, seed, gammaOf),
    keepsStatistics: false,
  });
  return [
    resnet("basic", "BN", BASIC),
    resnet("bottleneck", "BN", BOTTLENECK),
    resnet("pre-activation", "BN", PRE_ACTIVATION),
    resnet("basic", "GN", BASIC),
    former("pre"),
    former("post"),
  ];
}

interface Block {
  /** Channels that leave a block, over the width of its stage. */
  readonly expansion: number;
  readonly width: number;
  /** Whether normalization and activation come before each weight, so that the sums are never normalized themselves. */
  readonly isPre: boolean;
  readonly add: (
    network: NetworkWriter,
    normalize: Normalize,
    name: string,
    x: string,
    sizes: BlockSizes,
  ) => string;
}

interface BlockSizes {
  readonly width: number;
  readonly stride: number;
  readonly output: number;
}

const BASIC: Block = {
  expansion: 1,
  width: 16,
  isPre: false,
  add: (...given) => postBlock([3, 3], ...given),
};
const BOTTLENECK: Block = {
  expansion: 4,
  width: 8,
  isPre: false,
  add: (...given) => postBlock([1, 3, 1], ...given),
};
const PRE_ACTIVATION: Block = { expansion: 1, width: 16, isPre: true, add: preBlock };

function resNet(
  { depth, norm, block }: { readonly depth: number; readonly norm: Norm; readonly block: Block },
  seed: number,
  gammaOf?: (name: string) => number,
): Model {
  const network = createNetwork(SIDE, seed, gammaOf);
  const normalize: Normalize = (name, x) =>
    norm === "BN" ? network.batchNorm(name, x) : network.groupNorm(name, x, GROUPS);
  let x = network.conv("conv1", network.image, block.width);
  if (!block.isPre) x = network.activate(normalize("bn1", x), "relu");
  for (let stage = 0; stage < STAGES; stage++)
    for (let i = 0; i < depth; i++) {
      const width = block.width * 2 ** stage;
      const stride = stage > 0 && i === 0 ? 2 : 1;
      const sizes = { width, stride, output: width * block.expansion };
      x = block.add(network, normalize, `layer${stage + 1}.${i}`, x, sizes);
    }
  if (block.isPre) x = network.activate(normalize("norm", x), "relu");
  const pooled = network.b.op("Flatten", [network.b.op("GlobalAveragePool", [x])]);
  return network.finish(network.product("fc", pooled, CLASSES, BEHIND_RELU));
}

/** φ(skip + [conv → norm → φ → … → conv → norm](x)); the 3×3 convolution of a bottleneck has the stride, the first of a basic block. */
function postBlock(
  kernels: readonly number[],
  network: NetworkWriter,
  normalize: Normalize,
  name: string,
  x: string,
  { width, stride, output }: BlockSizes,
): string {
  let h = x;
  kernels.forEach((kernel, i) => {
    const isLast = i === kernels.length - 1;
    const isStrided = kernel === 3 && (i === 0 || kernels[0] === 1);
    const options = { kernel, stride: isStrided ? stride : 1, initial: BEHIND_RELU } as const;
    h = network.conv(`${name}.conv${i + 1}`, h, isLast ? output : width, options);
    h = normalize(`${name}.bn${i + 1}`, h);
    if (!isLast) h = network.activate(h, "relu");
  });
  const isSame = stride === 1 && network.b.dims(x)[1] === output;
  const skip = isSame
    ? x
    : normalize(
        `${name}.downsample.1`,
        network.conv(`${name}.downsample.0`, x, output, { kernel: 1, stride, initial: BEHIND_RELU }),
      );
  const sum = network.b.scoped(name, () => network.b.op("Add", [h, skip]));
  return network.activate(sum, "relu");
}

/** skip + [norm → φ → conv → norm → φ → conv](x), a projection reading what the first weight reads. */
function preBlock(
  network: NetworkWriter,
  normalize: Normalize,
  name: string,
  x: string,
  { stride, output }: BlockSizes,
): string {
  const first = network.activate(normalize(`${name}.bn1`, x), "relu");
  const inner = network.conv(`${name}.conv1`, first, output, { stride, initial: BEHIND_RELU });
  const second = network.activate(normalize(`${name}.bn2`, inner), "relu");
  const branch = network.conv(`${name}.conv2`, second, output, { initial: BEHIND_RELU });
  const isSame = stride === 1 && network.b.dims(x)[1] === output;
  const skip = isSame
    ? x
    : network.conv(`${name}.downsample`, first, output, { kernel: 1, stride, initial: BEHIND_RELU });
  return network.b.scoped(name, () => network.b.op("Add", [branch, skip]));
}

const PATCH = 4;
const DIM = 64;
const HEADS = 4;
const MLP = 4;
const fanOf = (inputs: number) => ({ in: inputs, out: DIM });

/** Tokens of patches with random positions, blocks of attention and MLP, their mean to the head. */
function transformer(
  order: "pre" | "post",
  blocks: number,
  seed: number,
  gammaOf?: (name: string) => number,
): Model {
  const network = createNetwork(SIDE, seed, gammaOf);
  const { b } = network;
  const tokens = (SIDE / PATCH) ** 2;
  const w = network.weight("patch_embed.weight", [DIM, 3, PATCH, PATCH], fanOf(3 * PATCH ** 2));
  const map = b.op("Conv", [network.image, w], { kernel_shape: [PATCH, PATCH], strides: [PATCH, PATCH] });
  const rows = b.op("Transpose", [b.op("Reshape", [map, b.ints([0, DIM, tokens])])], { perm: [0, 2, 1] });
  // a quarter of the patches' variance
  let x = b.op("Add", [rows, network.weight("pos_embed", [1, tokens, DIM], fanOf(4))]);
  if (order === "post") x = network.layerNorm("norm", x);
  for (let i = 0; i < blocks; i++) {
    const branches = { attn: attention, mlp } as const;
    Object.entries(branches).forEach(([part, branch], k) => {
      const name = `blocks.${i}.${part}`;
      const normalized = (value: string) => network.layerNorm(`blocks.${i}.norm${k + 1}`, value);
      const read = order === "pre" ? normalized(x) : x;
      const sum = b.scoped(name, () => b.op("Add", [x, branch(network, name, read, tokens)]));
      x = order === "pre" ? sum : normalized(sum);
    });
  }
  if (order === "pre") x = network.layerNorm("norm", x);
  const mean = b.op("ReduceMean", [x, b.ints([1])], { keepdims: 0 });
  return network.finish(network.product("head", mean, CLASSES));
}

function attention(network: NetworkWriter, name: string, x: string, tokens: number): string {
  const { b } = network;
  const part = (which: string): string => {
    const heads = b.op("Reshape", [
      network.product(`${name}.${which}`, x, DIM),
      b.ints([0, tokens, HEADS, DIM / HEADS]),
    ]);
    return b.op("Transpose", [heads], { perm: [0, 2, 1, 3] });
  };
  const [query, key, value] = [part("q"), part("k"), part("v")];
  const scores = b.op("MatMul", [query, b.op("Transpose", [key], { perm: [0, 1, 3, 2] })]);
  const weights = b.op("Softmax", [b.op("Mul", [scores, b.scalar(1 / Math.sqrt(DIM / HEADS))])], {
    axis: -1,
  });
  const joined = b.op("Transpose", [b.op("MatMul", [weights, value])], { perm: [0, 2, 1, 3] });
  return network.product(`${name}.proj`, b.op("Reshape", [joined, b.ints([0, tokens, DIM])]), DIM);
}

const mlp = (network: NetworkWriter, name: string, x: string): string =>
  network.product(
    `${name}.fc2`,
    network.activate(network.product(`${name}.fc1`, x, MLP * DIM), "gelu"),
    DIM,
    unitVariance("gelu"),
  );
