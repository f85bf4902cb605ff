// Which score to explain: the highest, the image's own label, or a class by index or name.
import { closest, UsageError } from "@snellen/graph";
import { findClasses } from "../datasets/labels.ts";
import type { ImageLabel } from "../images/image.ts";
import type { DescribedModel } from "./describe.ts";

/** `top1`, `label`, a class index, or a class name. */
export type Target = "top1" | "label" | number | (string & {});

/** What is known of an image before it is read. */
export type LabelledSource = ImageLabel & { readonly source: string };

/** Stands for "the highest score" in a graph's target input. */
export const HIGHEST = -1;

/**
 * One index per image; `HIGHEST` for top1.
 * @throws UsageError `target-out-of-range`, `unknown-label`, `ambiguous-label`, `no-label`
 */
export function resolveTargets(
  info: DescribedModel,
  images: readonly LabelledSource[],
  target: Target,
): number[] {
  if (target === "top1") return images.map(() => HIGHEST);
  if (target === "label") return images.map((image) => requireLabel(info, image));
  const index = indexOfTarget(info, target);
  return images.map(() => index);
}

/** Finds a target's mistakes before anything is run. @throws what `resolveTargets` throws */
export const checkTargets = (info: DescribedModel, images: readonly LabelledSource[], target: Target): void =>
  void resolveTargets(info, images, target);

/** Index of the image's own class; undefined when it has none that the model knows. */
export function labelIndexOf(info: DescribedModel, image: LabelledSource): number | undefined {
  if (image.classIndex !== undefined && image.classIndex < info.logits.classes) return image.classIndex;
  if (image.className === undefined || info.labels.names === undefined) return undefined;
  return findClasses(info.labels.names, image.className)[0];
}

function requireLabel(info: DescribedModel, image: LabelledSource): number {
  const index = labelIndexOf(info, image);
  if (index !== undefined) return index;
  if (image.className !== undefined) return indexOfName(info, image.className, image.source);
  throw new UsageError("no-label", "the image has no label.", {
    where: image.source,
    hint: "Put images into folders named after their classes, give a CSV with --image-labels, or use --target top1.",
  });
}

function indexOfTarget(info: DescribedModel, target: number | string): number {
  const { classes } = info.logits;
  const index = typeof target === "number" ? target : numberOf(target);
  if (index === undefined) return indexOfName(info, String(target), "--target");
  if (Number.isInteger(index) && index >= 0 && index < classes) return index;
  throw new UsageError("target-out-of-range", `class ${index} does not exist.`, {
    where: "--target",
    hint: `The model has ${classes} scores: 0 to ${classes - 1}.`,
  });
}

const numberOf = (text: string): number | undefined => (/^-?\d+$/.test(text) ? Number(text) : undefined);

function indexOfName(info: DescribedModel, name: string, where: string): number {
  const names = info.labels.names;
  if (names === undefined) {
    throw new UsageError("unknown-label", `"${name}" is a class name, but the model's are not known.`, {
      where,
      hint: "Give them with --labels <file>, one name a line, or use a class index.",
    });
  }
  const [index, ...others] = findClasses(names, name);
  if (others.length > 0) {
    throw new UsageError("ambiguous-label", `several classes are called "${name}".`, {
      where,
      hint: `Give the index: ${[index, ...others].join(" or ")}.`,
    });
  }
  if (index !== undefined) return index;
  throw new UsageError("unknown-label", `no class is called "${name}".`, {
    where,
    hint: `Did you mean "${closest(name, names)}"?`,
  });
}
