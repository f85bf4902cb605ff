// Which names are those of one module: exporters number its calls. Derived here.
import type { GraphIndex } from "@snellen/graph";
import { numbersOf } from "../forms/support.ts";
import type { Normalization } from "../normalization.ts";

/**
 * `tower.1_1`, as the TorchScript exporter numbers the second call of `tower.1` → `tower.1`, where it is the same module.
 * @param normalizations one a name; what is none keeps its name
 * @param names paths of modules
 */
export function withoutCalls(
  index: GraphIndex,
  normalizations: readonly (Normalization | undefined)[],
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
