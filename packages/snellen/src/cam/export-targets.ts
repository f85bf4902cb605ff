// Targets of an exported model: what is explained becomes a constant of the graph, or an input of its own.
// Derived here: a target may be baked in where what it feeds is the same for any two images.
import { type GraphBuilder, makeTensor, SnellenError, UsageError } from "@snellen/graph";
import type { DescribedModel } from "../vision-model/describe.ts";
import { classKind } from "./targets/class.ts";
import { HIGHEST, type LabelledSource } from "./targets/class-reference.ts";
import { bindTargets, type Target } from "./targets/index.ts";
import type { BoundTarget, TargetInput } from "./targets/target.ts";

/** The target that leaves the choice of a class to an input of the file. */
export const OPEN_TARGET = "input";

/** A target with what it feeds for whatever image, by the kind's inputs; undefined where an input of the file takes it. */
export interface FixedTarget extends BoundTarget {
  readonly values: Readonly<Record<string, readonly number[]>> | undefined;
}

/** @throws UsageError `target-needs-image`, and what `bindTargets` throws */
export function exportTargets(info: DescribedModel, wanted: Target | readonly Target[]): FixedTarget[] {
  const list = [wanted].flat() as Target[];
  const bound = bindTargets(
    info,
    list.map((target) => (target === OPEN_TARGET ? openTarget : target)),
  );
  return bound.map((target) => ({
    ...target,
    values: target.feed === openTarget.feed ? undefined : valuesOf(target),
  }));
}

const openTarget: BoundTarget = { kind: classKind, name: OPEN_TARGET, feed: () => [[HIGHEST]] };

/** Images that agree in nothing that a target may look at. */
const STRANGERS: readonly LabelledSource[] = [
  { source: "one image", classIndex: 0 },
  { source: "another image" },
];

function valuesOf(target: BoundTarget): FixedTarget["values"] {
  const [first, second] = STRANGERS.map((image) => feedOf(target, image));
  if (first !== undefined && JSON.stringify(first) === JSON.stringify(second))
    return Object.fromEntries(target.kind.inputs.map(({ name }, i) => [name, first[i] ?? []]));
  throw new UsageError("target-needs-image", `"${target.name}" differs from image to image.`, {
    where: "--target",
    hint: `A file cannot hold it: use --target top1, a class, or ${OPEN_TARGET}, which leaves the class to an input of the file.`,
  });
}

/** What a target feeds for an image; undefined where it asks for a label that the image lacks. */
function feedOf(target: BoundTarget, image: LabelledSource): readonly (readonly number[])[] | undefined {
  try {
    return target.feed(image);
  } catch (error) {
    if (error instanceof SnellenError && error.code === "no-label") return undefined;
    throw error;
  }
}

export interface Baked {
  /** Name of the value, [N, …dims]. */
  readonly value: string;
  /** Whether none of its numbers, for whatever image, is below zero. */
  readonly neverNegative: boolean;
}

/**
 * A target's value in the graph, the same for every image of the batch. "The highest score" becomes that score's index.
 * @param scores float32 [N, classes]
 */
export function bakeInput(
  b: GraphBuilder,
  { name, dataType, dims }: TargetInput,
  values: readonly number[],
  scores: string,
): Baked {
  const isHighest = dataType === "int64" && dims.length === 0 && values[0] === HIGHEST;
  if (isHighest) return { value: b.op("ArgMax", [scores], { axis: 1, keepdims: 0 }), neverNegative: true };
  const constant = b.tensor(makeTensor(dataType, [1, ...dims], values), `target_${name}`);
  const batch = b.op("Shape", [scores], { start: 0, end: 1 });
  const shape = dims.length === 0 ? batch : b.op("Concat", [batch, b.ints(dims)], { axis: 0 });
  return { value: b.op("Expand", [constant, shape]), neverNegative: values.every((v) => v >= 0) };
}
