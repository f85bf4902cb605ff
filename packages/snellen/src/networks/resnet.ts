// Residual networks, for small pictures (ResNet-20: arXiv:1512.03385, section 4.2) and large ones, with projection shortcuts.
// Blocks: arXiv:1512.03385 (stride in the 3×3 convolution), arXiv:1603.05027 (pre-activation). Names: torchvision's.
import { fanInUniform, initialWeights } from "./initial-weights.ts";
import { classCount, defineNetwork, startNetwork } from "./network.ts";
import { badOption, choice, counts, flag, onlyWhere } from "./network-options.ts";
import type { NetworkWriter } from "./network-writer.ts";
import { createNormalizer } from "./normalizer.ts";
import { paddedKernelsOption, withEvenKernels } from "./padded-kernels.ts";
import { type BlockWriter, residualBlocks } from "./residual-blocks.ts";
import { groupsOption, weightsOption } from "./shared-options.ts";

/** Residual network with projection shortcuts; by default as deep and wide as ResNet-20 (arXiv:1512.03385, section 4.2). */
export const resnet = defineNetwork({
  id: "resnet",
  title: "Residual network",
  options: {
    block: choice(
      ["basic", "bottleneck", "pre-activation"],
      "basic",
      "two 3x3 convolutions; 1x1, 3x3 and 1x1 with four times the width behind; two 3x3 with normalization and activation before each",
    ),
    blocks: counts([3, 3, 3], "blocks of each stage; stages but the first halve their maps"),
    widths: counts([16, 32, 64], "channels of each stage, of a bottleneck's 3x3 convolutions"),
    stem: choice(
      ["small", "strided", "pooled"],
      "small",
      "first layer: 3x3; 3x3 with stride 2; 7x7 with stride 2 and 3x3 max-pooling with stride 2",
    ),
    lastStride: choice([1, 2], 2, "stride of the last stage, which with 1 keeps the size of its maps"),
    normalization: choice(["bn", "gn"], "bn", "batch or group normalization"),
    groups: groupsOption,
    zeroInit: onlyWhere(
      "block",
      ["basic", "bottleneck"],
      flag(false, "set the last scale of each branch to 0, so that blocks begin as identities"),
    ),
    paddedKernels: paddedKernelsOption,
    weights: weightsOption("he-fan-out"),
  },
  write(options, seed) {
    const { blocks, widths, zeroInit } = options;
    if (blocks.length !== widths.length)
      throw badOption(
        "blocks",
        `expected one number for each of the ${widths.length} widths; got ${blocks.length}.`,
      );
    const block = residualBlocks[options.block];
    const isLast = (name: string) => block.last !== undefined && name.endsWith(`.${block.last}`);
    const network = startNetwork(options, seed, {
      initial: initialWeights[options.weights],
      gammaOf: (name) => (zeroInit && isLast(name) ? 0 : 1),
    });
    const normalizer = createNormalizer(network, options);
    const to: BlockWriter = {
      ...network,
      normalize: normalizer.add,
      relu: (x) => network.activate(x, "relu"),
    };
    let x = writeStem(to, options.stem, widths[0] as number, block.last === undefined);
    widths.forEach((width, stage) => {
      for (let i = 0; i < (blocks[stage] as number); i++) {
        const isLastStage = stage === widths.length - 1;
        const stride = stage === 0 || i > 0 ? 1 : isLastStage ? options.lastStride : 2;
        x = block.add(to, `layer${stage + 1}.${i}`, x, { width, stride });
      }
    });
    if (block.last === undefined) x = to.relu(to.normalize("norm", x));
    normalizer.check();
    const head = { initial: fanInUniform };
    const model = network.finish(network.linear("fc", network.pooled(x), classCount(options), head));
    return options.paddedKernels ? withEvenKernels(model) : model;
  },
});

const STEMS = {
  small: { kernel: 3, stride: 1 },
  strided: { kernel: 3, stride: 2 },
  pooled: { kernel: 7, stride: 2 },
} as const satisfies Readonly<Record<string, Parameters<NetworkWriter["conv"]>[3]>>;

/** @param isBare whether its normalization and activation are the first block's */
function writeStem(to: BlockWriter, stem: keyof typeof STEMS, width: number, isBare: boolean): string {
  const h = to.conv("conv1", to.image, width, STEMS[stem]);
  const x = isBare ? h : to.relu(to.normalize("bn1", h));
  return stem === "pooled" ? to.pool("max", x, { kernel: 3, stride: 2 }) : x;
}
