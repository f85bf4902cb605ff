// Parts of a target's text: the class in front and what follows it. A class whose name holds the mark between them stays whole.
import { findClasses } from "../../datasets/labels.ts";
import type { DescribedModel } from "../../vision-model/describe.ts";

/** Whether a text names a class: `top1`, `rank<k>`, `label`, an index, or a name that the model has. */
const isReference = (info: DescribedModel, text: string): boolean =>
  /^(top1|label|rank\d+|-?\d+)$/.test(text) || isClassName(info, text);

/** Whether a text is a class's name, whatever else it looks like. */
export const isClassName = ({ labels }: DescribedModel, text: string): boolean =>
  labels.names !== undefined && findClasses(labels.names, text).length > 0;

/**
 * The two sides of a mark; undefined where there is none outside of a class's name. Of several places the first whose left
 * side (and right, where that is a class too) names a class; else the first.
 */
export function parted(
  info: DescribedModel,
  text: string,
  mark: string,
  isRight: (right: string) => boolean = () => true,
): [left: string, right: string] | undefined {
  if (isClassName(info, text)) return undefined;
  const pieces = text.split(mark);
  const places = pieces.slice(1).map((_, i): [string, string] => {
    const sides = [pieces.slice(0, i + 1), pieces.slice(i + 1)].map((part) => part.join(mark).trim());
    return sides as [string, string];
  });
  return places.find(([left, right]) => isReference(info, left) && isRight(right)) ?? places[0];
}

/** As `parted`, with a class on both sides. */
export const partedClasses = (info: DescribedModel, text: string, mark: string) =>
  parted(info, text, mark, (right) => isReference(info, right));

/** Exactly `count` numbers between commas; undefined for everything else. */
export function numbersIn(text: string, count: number): number[] | undefined {
  const parts = text.split(",").map((part) => part.trim());
  const numbers = parts.map(Number);
  const isFine =
    parts.length === count && parts.every((part, i) => part !== "" && Number.isFinite(numbers[i]));
  return isFine ? numbers : undefined;
}
