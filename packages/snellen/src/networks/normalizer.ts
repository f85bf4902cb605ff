// Adds the normalizations that a network's options ask for, and sees to it that numbers of groups fit: none is changed silently.
// Batch normalization: arXiv:1502.03167; group normalization: arXiv:1803.08494; layer normalization: arXiv:1607.06450.
import { UsageError } from "@snellen/graph";
import { divisors } from "../normalization/groups/divisors.ts";
import { optionTitle } from "./network-options.ts";
import type { NetworkWriter } from "./network-writer.ts";

export interface NormalizationChoice {
  readonly normalization: "none" | "bn" | "gn" | "ln";
  /** Of all group normalizations, or of each in the order of the network. */
  readonly groups: number | readonly number[];
}

export interface Normalizer {
  /** x normalized, or x itself where there are no normalizations. @throws UsageError `groups-do-not-divide` */
  add(name: string, x: string): string;
  /** @throws UsageError `wrong-group-count` where the list of groups has another length than there are normalizations */
  check(): void;
}

export function createNormalizer(
  network: NetworkWriter,
  { normalization, groups }: NormalizationChoice,
): Normalizer {
  const names: string[] = [];
  const grouped = (name: string, x: string): string => {
    const channels = network.b.dims(x)[1] as number;
    // beyond the list's end anything will do: `check` refuses the network
    const own = typeof groups === "number" ? groups : (groups[names.length] ?? 1);
    names.push(name);
    return network.groupNorm(name, x, dividing(own, channels, { name, option: "groups" }));
  };
  const forms: { readonly [N in NormalizationChoice["normalization"]]: Normalizer["add"] } = {
    none: (_, x) => x,
    bn: network.batchNorm,
    gn: grouped,
    ln: (name, x) => network.layerNorm(name, x),
  };
  return {
    add: forms[normalization],
    check() {
      if (normalization !== "gn" || typeof groups === "number" || groups.length === names.length) return;
      throw new UsageError(
        "wrong-group-count",
        `${groups.length} numbers of groups for ${names.length} group normalizations.`,
        { where: optionTitle("groups"), hint: `Give one for all, or one each: ${names.join(", ")}.` },
      );
    },
  };
}

/** @throws UsageError `groups-do-not-divide` */
export function dividing(
  groups: number,
  channels: number,
  { name, option }: { readonly name: string; readonly option: string },
): number {
  if (channels % groups === 0) return groups;
  throw new UsageError(
    "groups-do-not-divide",
    `${groups} groups do not divide the ${channels} channels of ${name}.`,
    {
      where: optionTitle(option),
      hint: `Possible there: ${divisors(channels).join(", ")}.`,
    },
  );
}
