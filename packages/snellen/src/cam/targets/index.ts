// The registry of targets, and what becomes of a text after --target.
import type { DescribedModel } from "../../vision-model/describe.ts";
import { binaryKind, parseBinary } from "./binary.ts";
import { boxKind, parseBox } from "./box.ts";
import { classKind, classTarget, parseClass } from "./class.ts";
import type { LabelledSource } from "./class-reference.ts";
import { differenceKind, parseDifference } from "./difference.ts";
import { iouFacts, parseIou } from "./iou.ts";
import { maskKind, parseMask } from "./mask.ts";
import { outputFacts, parseOutput } from "./output.ts";
import { parseProbability, probabilityKind } from "./probability.ts";
import { parseRegion, regionFacts } from "./region.ts";
import type { BoundTarget, ParseTarget, TargetFacts } from "./target.ts";
import { isClassName } from "./target-text.ts";

/** A class index, a text as after --target, or what a kind's own function made. */
export type Target = number | string | BoundTarget;

/** All kinds of targets: what people write after `--target`, and what it means. */
export const targetKinds: readonly TargetFacts[] = [
  classKind,
  probabilityKind,
  differenceKind,
  binaryKind,
  maskKind,
  regionFacts,
  boxKind,
  iouFacts,
  outputFacts,
];

/** The first that takes a text has it; classes take what is left. */
const PARSERS: readonly ParseTarget[] = [
  parseProbability,
  parseBinary,
  parseMask,
  parseRegion,
  parseBox,
  parseIou,
  parseOutput,
  parseDifference,
  parseClass,
];

/**
 * Targets checked against a model; `top<k>` becomes k of them. A text that is a class's name is that class, whatever else it
 * looks like. What two texts name alike is one target; others of one name, such as two masks, are told apart by a number.
 * @throws UsageError `bad-target`, `target-out-of-range`, `unknown-label`, `ambiguous-label`, and what the kinds throw
 */
export function bindTargets(info: DescribedModel, wanted: Target | readonly Target[]): BoundTarget[] {
  const list = Array.isArray(wanted) ? (wanted as readonly Target[]) : [wanted as Target];
  const written = new Map<string, BoundTarget>();
  const bound = list.flatMap((target): readonly BoundTarget[] => {
    if (typeof target === "object") return [target];
    const found = typeof target === "number" ? [classTarget(info, target)] : parsed(info, target);
    for (const one of found) if (!written.has(one.name)) written.set(one.name, one);
    return found.map(({ name }) => written.get(name) as BoundTarget);
  });
  return namedApart([...new Set(bound)]);
}

function parsed(info: DescribedModel, text: string): readonly BoundTarget[] {
  for (const parse of isClassName(info, text) ? [parseClass] : PARSERS) {
    const found = parse(text, info);
    if (found !== undefined) return found;
  }
  return [];
}

/** The second of a name gets ~2 behind it, and so on. */
function namedApart(targets: readonly BoundTarget[]): BoundTarget[] {
  const taken = new Set<string>();
  return targets.map((target) => {
    let name = target.name;
    for (let i = 2; taken.has(name); i++) name = `${target.name}~${i}`;
    taken.add(name);
    return name === target.name ? target : { ...target, name };
  });
}

/** Finds a target's mistakes before anything is run. @throws what `bindTargets` and `feed` throw */
export function checkTargets(
  info: DescribedModel,
  images: readonly LabelledSource[],
  wanted: Target | readonly Target[],
): void {
  for (const target of bindTargets(info, wanted)) for (const image of images) target.feed(image);
}
