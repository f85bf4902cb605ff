// Untrained networks for experiments: Gaussian weights that keep pre-activations at unit variance (He et al. 2015), γ = 1 and β = 0,
// all from one seed.
import { unitVariance } from "../networks/initial-weights.ts";
import { createNetworkWriter, type NetworkWriter } from "../networks/network-writer.ts";

/**
 * A network of colour pictures whose layers read values of unit variance, unless they state what these went through.
 * @param side of the pictures
 * @param gammaOf what a normalization's γ are set to, by its name; default 1
 */
export const createNetwork = (
  side: number,
  seed: number,
  gammaOf?: (name: string) => number,
): NetworkWriter =>
  createNetworkWriter({
    size: [side, side],
    seed,
    gammaOf,
    initial: unitVariance("none"),
    // published figures were drawn so
    keyOf: (_name, place) => place,
  });
