// The lead of one class over another: why this and not that. Selvaraju et al. (Grad-CAM, section 3.3) ask it of one class alone.
import type { DescribedModel } from "../../vision-model/describe.ts";
import { type ClassReference, classSeen, pickIndex, referTo, scoreOf } from "./class-reference.ts";
import { type BoundTarget, type ParseTarget, type TargetKind, unreached } from "./target.ts";
import { partedClasses } from "./target-text.ts";

const BETWEEN = " vs ";

export const differenceKind: TargetKind = {
  id: "difference",
  syntax: `"<class>${BETWEEN}<class>"`,
  summary: "the first class's score minus the second's: why this and not that",
  inputs: [
    { name: "class", dataType: "int64", dims: [] },
    { name: "rival", dataType: "int64", dims: [] },
  ],
  settle: (classes, seen) => classes.map(([wanted]) => [classSeen(wanted, seen)]),
  build({ b, scores }, [wanted, against]) {
    const index = pickIndex(b, scores, wanted as string);
    const rival = pickIndex(b, scores, against as string);
    return { index, score: b.op("Sub", [scoreOf(b, scores, index), scoreOf(b, scores, rival)]) };
  },
  zeroCause: (score) =>
    score === 0 ? "both are the same class, or have the same score" : unreached("the difference"),
};

/**
 * The score of a class minus that of its rival: why this and not that.
 * @throws what `referTo` throws
 */
export function differenceTarget(
  info: DescribedModel,
  reference: ClassReference,
  rival: ClassReference,
): BoundTarget {
  const [find, findRival] = [referTo(info, reference), referTo(info, rival)];
  return {
    kind: differenceKind,
    name: `${reference}${BETWEEN}${rival}`,
    feed: (image) => [[find(image)], [findRival(image)]],
  };
}

export const parseDifference: ParseTarget = (text, info) => {
  const sides = partedClasses(info, text, BETWEEN);
  return sides && [differenceTarget(info, ...sides)];
};
