// Which module of the training code each normalization is: the path that its parameters' names start with.
import { indexGraph, type Model } from "@snellen/graph";
import { modulePath } from "../../vision-model/module-path.ts";
import type { Normalization } from "../normalization.ts";
import { withoutCalls } from "./module-calls.ts";
import { NORMALIZATION_CLASS, nameParameters } from "./parameter-names.ts";
import { createOrigins } from "./parameter-origins.ts";

/**
 * Modules that the network calls several times have one path.
 * @param original the file's graph
 * @param canonical the graph that the normalizations were found in
 * @returns a path each, in the same order; null where no name tells
 */
export function moduleNames(
  original: Model,
  canonical: Model,
  normalizations: readonly Normalization[],
): (string | null)[] {
  const index = indexGraph(canonical);
  const origin = createOrigins(original, index);
  const scaled = normalizations.filter(({ scale }) => scale !== null);
  const names = nameParameters(
    index,
    scaled.map((normalization) => {
      const { scale, nodes, channels } = normalization;
      const use = { constant: scale as string, nodes };
      return { ...use, normalization, channels, origin: origin(use) };
    }),
  );
  const known = new Map(scaled.map((normalization, i) => [normalization, names[i]]));
  const own = normalizations.map((normalization) => {
    const found = known.get(normalization);
    if (found !== undefined && found.source !== "graph") return /^(.+)\.[^.]+$/.exec(found.name)?.[1] ?? null;
    return modulePath(normalization.node, "", NORMALIZATION_CLASS);
  });
  return withoutCalls(index, normalizations, own);
}
