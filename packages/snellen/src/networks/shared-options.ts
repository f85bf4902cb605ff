// Options that several networks have, each written once.
import { initialWeights } from "./initial-weights.ts";
import { choice, countOrCounts, onlyWhere } from "./network-options.ts";

export const activationOption = choice(
  ["relu", "gelu", "silu"],
  "relu",
  "activation behind every layer but the last",
);

export const groupsOption = onlyWhere(
  "normalization",
  ["gn"],
  countOrCounts(8, "groups of all group normalizations, or of each in the order of the network"),
);

const names = Object.keys(initialWeights) as (keyof typeof initialWeights)[];

/** @param initial what the network begins with by default */
export const weightsOption = (initial: keyof typeof initialWeights) =>
  choice(names, initial, "how weights are drawn, but those of the linear head");
