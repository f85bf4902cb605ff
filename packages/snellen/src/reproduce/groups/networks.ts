// The untrained networks that `reproduce groups` measures: layers in a chain, and a chain of residual blocks.
import type { Model } from "@snellen/graph";
import { unitVariance } from "../../networks/initial-weights.ts";
import type { NetworkActivation, NetworkWriter } from "../../networks/network-writer.ts";
import { createNetwork } from "../random-network.ts";

/** [weight → GN → φ], one after another, or [weight → φ → GN]. */
export interface ChainShape {
  /** Linear layers, or 3×3 convolutions. */
  readonly kind: "MLP" | "CNN";
  /** Channels of each layer. */
  readonly widths: readonly number[];
  /** Of pictures and maps. */
  readonly side: number;
  readonly activation: NetworkActivation;
  /** Number of groups for so many channels. */
  readonly groups: (channels: number) => number;
  readonly position?: "before-activation" | "after-activation";
  /** How a CNN's last map becomes scores; default "pooled". */
  readonly head?: "pooled" | "dense";
}

const CLASSES = 10;

/** The layers are named `layers.0`, their normalizations `norms.0`. */
export function chain(shape: ChainShape, seed: number): Model {
  const { kind, widths, side, activation, groups, position = "before-activation", head } = shape;
  const network = createNetwork(side, seed);
  const isAfter = position === "after-activation";
  let x = kind === "MLP" ? network.b.op("Flatten", [network.image]) : network.image;
  widths.forEach((width, i) => {
    // behind a normalization, values have unit variance whatever went before
    const initial = unitVariance(i === 0 || isAfter ? "none" : activation);
    const h =
      kind === "MLP"
        ? network.product(`layers.${i}`, x, width, initial)
        : network.conv(`layers.${i}`, x, width, { initial });
    const normalized = (value: string) => network.groupNorm(`norms.${i}`, value, groups(width));
    const activated = (value: string) => network.activate(value, activation);
    x = isAfter ? normalized(activated(h)) : activated(normalized(h));
  });
  const initial = unitVariance(isAfter ? "none" : activation);
  return network.finish(network.product("head", vector(network, x, head), CLASSES, initial));
}

/** A map as a vector: averaged over its positions, or as it is. */
function vector({ b }: NetworkWriter, x: string, head: ChainShape["head"] = "pooled"): string {
  if (b.rank(x) === 2) return x;
  return b.op("Flatten", [head === "pooled" ? b.op("GlobalAveragePool", [x]) : x]);
}

export interface ResidualShape {
  readonly blocks: number;
  readonly channels: number;
  readonly side: number;
  readonly activation: NetworkActivation;
  readonly groups: number;
}

/** x → φ(x + [conv → GN → φ → conv → GN](x)), behind a first layer; the sums are named `blocks.0/Add`. */
export function residualChain(shape: ResidualShape, seed: number): Model {
  const { blocks, channels, side, activation, groups } = shape;
  const network = createNetwork(side, seed);
  const stem = network.groupNorm("norm", network.conv("conv", network.image, channels), groups);
  let x = network.activate(stem, activation);
  for (let i = 0; i < blocks; i++) {
    const name = `blocks.${i}`;
    const half = (k: number, value: string) => {
      const h = network.conv(`${name}.conv${k}`, value, channels, { initial: unitVariance(activation) });
      return network.groupNorm(`${name}.norm${k}`, h, groups);
    };
    const branch = half(2, network.activate(half(1, x), activation));
    const sum = network.b.scoped(name, () => network.b.op("Add", [branch, x]));
    x = network.activate(sum, activation);
  }
  return network.finish(network.product("head", vector(network, x), CLASSES, unitVariance(activation)));
}
