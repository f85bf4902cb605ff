// Which module of the training code each normalization is: the path that its parameters' names start with.
import type { Model } from "@snellen/graph";
import { modulePath } from "../vision-model/module-path.ts";
import { NORMALIZATION_CLASS, nameParameters } from "./gammas/parameter-names.ts";
import { createOrigins } from "./gammas/parameter-origins.ts";
import type { Normalization } from "./normalization.ts";

/**
 * @param original the file's graph
 * @param canonical the graph that the normalizations were found in
 * @returns a path each, in the same order; null where no name tells
 */
export function moduleNames(
  original: Model,
  canonical: Model,
  normalizations: readonly Normalization[],
): (string | null)[] {
  const origin = createOrigins(original, canonical);
  const scaled = normalizations.filter(({ scale }) => scale !== null);
  const names = nameParameters(
    scaled.map(({ scale, nodes, channels }) => {
      const use = { constant: scale as string, nodes };
      return { ...use, kind: "normalization" as const, channels, origin: origin(use) };
    }),
  );
  const known = new Map(scaled.map((normalization, i) => [normalization, names[i]]));
  return normalizations.map((normalization) => {
    const found = known.get(normalization);
    if (found !== undefined && found.source !== "graph") return /^(.+)\.[^.]+$/.exec(found.name)?.[1] ?? null;
    return modulePath(normalization.node, "", NORMALIZATION_CLASS);
  });
}
