// How many normalizations of each kind there are, as data and as people read it.
import type { Normalization, NormalizationKind } from "./normalization.ts";

/** How many normalizations there are of each kind; kinds that do not occur are left out. */
export type KindCounts = Readonly<Partial<Record<NormalizationKind, number>>>;

/** In the order in which the kinds first appear. */
export function countKinds(normalizations: readonly Pick<Normalization, "kind">[]): KindCounts {
  const counts: Partial<Record<NormalizationKind, number>> = {};
  for (const { kind } of normalizations) counts[kind] = (counts[kind] ?? 0) + 1;
  return counts;
}

/** `53 group, 2 RMS`; empty where there are none. */
export const kindsText = (counts: KindCounts): string =>
  Object.entries(counts)
    .map(([kind, n]) => `${n} ${kind === "rms" ? "RMS" : kind}`)
    .join(", ");
