// Convolutional network without shortcuts: stages of convolutions, global average pooling, a linear head.
// After VGG (arXiv:1409.1556) with the pooled head of Network in Network (arXiv:1312.4400).
import { fanInUniform, initialWeights, zeros } from "./initial-weights.ts";
import { classCount, defineNetwork, startNetwork } from "./network.ts";
import { badOption, choice, count, counts, onlyWhere } from "./network-options.ts";
import type { NetworkWriter } from "./network-writer.ts";
import { createNormalizer } from "./normalizer.ts";
import { paddedKernelsOption, withEvenKernels } from "./padded-kernels.ts";
import { activationOption, groupsOption, weightsOption } from "./shared-options.ts";

/** Convolutional network without shortcuts: stages of convolutions, global average pooling, a linear head. */
export const plainCnn = defineNetwork({
  id: "plain-cnn",
  title: "Plain convolutional network",
  options: {
    widths: counts([32, 64, 128], "channels of each stage"),
    strides: counts([1, 2, 2], "factor by which each stage shrinks its maps"),
    convolutions: count(2, "convolutions of each stage"),
    kernel: count(3, "side of all kernels; an even one reaches a pixel further down and right"),
    downsampling: choice(
      ["stride", "max-pool", "average-pool"],
      "stride",
      "how a stage shrinks its maps: by the stride of its first convolution, or by pooling before it",
    ),
    activation: activationOption,
    normalization: choice(
      ["none", "bn", "gn"],
      "bn",
      "batch or group normalization behind every convolution, or none",
    ),
    groups: groupsOption,
    paddedKernels: onlyWhere("downsampling", ["stride"], paddedKernelsOption),
    weights: weightsOption("he-fan-in"),
  },
  write(options, seed) {
    const { widths, strides, convolutions, kernel, downsampling, activation, normalization } = options;
    if (strides.length !== widths.length)
      throw badOption(
        "strides",
        `expected one for each of the ${widths.length} widths; got ${strides.length}.`,
      );
    const network = startNetwork(options, seed, { initial: initialWeights[options.weights] });
    const normalizer = createNormalizer(network, options);
    const bias = normalization === "none" ? zeros : undefined;
    let x = network.image;
    widths.forEach((width, i) => {
      const stride = strides[i] as number;
      const isStrided = downsampling === "stride";
      if (!isStrided) x = shrunk(network, downsampling, x, stride);
      for (let k = 0; k < convolutions; k++) {
        const window = { kernel, stride: isStrided && k === 0 ? stride : 1, bias };
        const h = network.conv(`stages.${i}.convs.${k}`, x, width, window);
        x = network.activate(normalizer.add(`stages.${i}.norms.${k}`, h), activation);
      }
    });
    normalizer.check();
    const head = { initial: fanInUniform };
    const model = network.finish(network.linear("head", network.pooled(x), classCount(options), head));
    return options.paddedKernels ? withEvenKernels(model) : model;
  },
});

function shrunk(
  network: NetworkWriter,
  kind: "max-pool" | "average-pool",
  x: string,
  stride: number,
): string {
  if (stride === 1) return x;
  const side = Math.min(...network.b.dims(x).slice(2));
  if (side < stride)
    throw badOption(
      "strides",
      `a map of side ${side} cannot shrink ${stride} times.`,
      "Give fewer or smaller ones.",
    );
  const window = { kernel: stride, stride, padding: "valid" } as const;
  return network.pool(kind === "max-pool" ? "max" : "average", x, window);
}
