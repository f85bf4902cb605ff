// Which module of the training code each normalization is: the path that its parameters' names start with.
import { type GraphIndex, indexGraph, type Model } from "@snellen/graph";
import { modulePath } from "../../vision-model/module-path.ts";
import { numbersOf } from "../forms/support.ts";
import type { Normalization } from "../normalization.ts";
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
  const origin = createOrigins(original, canonical);
  const scaled = normalizations.filter(({ scale }) => scale !== null);
  const names = nameParameters(
    scaled.map(({ scale, nodes, channels }) => {
      const use = { constant: scale as string, nodes };
      return { ...use, kind: "normalization" as const, channels, origin: origin(use) };
    }),
  );
  const known = new Map(scaled.map((normalization, i) => [normalization, names[i]]));
  const own = normalizations.map((normalization) => {
    const found = known.get(normalization);
    if (found !== undefined && found.source !== "graph") return /^(.+)\.[^.]+$/.exec(found.name)?.[1] ?? null;
    return modulePath(normalization.node, "", NORMALIZATION_CLASS);
  });
  return withoutCalls(indexGraph(canonical), normalizations, own);
}

/** `tower.1_1`, as the TorchScript exporter numbers the second call of `tower.1` → `tower.1`, where it is the same module. */
function withoutCalls(
  index: GraphIndex,
  normalizations: readonly Normalization[],
  names: readonly (string | null)[],
): (string | null)[] {
  return names.map((name, i) => {
    const first = names.indexOf(/^(.+)_\d+$/.exec(name ?? "")?.[1] ?? "");
    const [one, other] = [normalizations[i], normalizations[first]];
    return one !== undefined && other !== undefined && isSameModule(index, one, other)
      ? (names[first] as string)
      : name;
  });
}

/** Equal scales and biases are the same ones if they were trained, or if the same weights come before. */
function isSameModule(index: GraphIndex, one: Normalization, other: Normalization): boolean {
  const equal = (part: "scale" | "bias"): boolean => {
    const [a, b] = [one, other].map((n) => (n[part] === null ? [] : numbersOf(index, n[part])));
    return a !== undefined && a.length === b?.length && a.every((v, i) => v === b[i]);
  };
  const weightsBefore = ({ input }: Normalization): string =>
    (index.producer(input)?.inputs ?? []).filter((name) => index.initializer(name) !== undefined).join();
  const scale = one.scale === null ? undefined : numbersOf(index, one.scale);
  const isTrained = scale?.some((v) => v !== scale[0]) === true;
  const isAlike = one.channels === other.channels && equal("scale") && equal("bias");
  const before = weightsBefore(one);
  return isAlike && (isTrained || (before !== "" && before === weightsBefore(other)));
}
