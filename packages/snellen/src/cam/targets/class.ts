// The score of one class, before any Softmax or Sigmoid: what most maps explain.
import type { DescribedModel } from "../../vision-model/describe.ts";
import {
  type ClassReference,
  pickIndex,
  referTo,
  requireRank,
  scoreOf,
  settleClass,
} from "./class-reference.ts";
import { type BoundTarget, DEAD_SCORE, type ParseTarget, type TargetKind, unreached } from "./target.ts";
import { isClassName } from "./target-text.ts";

export const classKind: TargetKind = {
  id: "class",
  syntax: "<class>",
  summary: "a class: index, name, label (the image's own), top1, rank<k>; top<k> gives k maps, 3,7 two",
  isClassScore: true,
  inputs: [{ name: "class", dataType: "int64", dims: [] }],
  settle: settleClass,
  build({ b, scores }, [wanted]) {
    const index = pickIndex(b, scores, wanted as string);
    return { index, score: scoreOf(b, scores, index) };
  },
  zeroCause: (score) => (score === 0 ? DEAD_SCORE : unreached("this score")),
};

/**
 * The score of one class, before any Softmax or Sigmoid; of a dense output the class's highest.
 * @throws what `referTo` throws
 */
export function classTarget(info: DescribedModel, reference: ClassReference): BoundTarget {
  const find = referTo(info, reference);
  return { kind: classKind, name: String(reference), feed: (image) => [[find(image)]] };
}

/** Every text that no other kind takes; `top<k>` stands for the k highest, `3,7` for two indices. */
export const parseClass: ParseTarget = (text, info) => {
  if (/^\d+(,\d+)+$/.test(text) && !isClassName(info, text))
    return text.split(",").map((index) => classTarget(info, index));
  const [, count] = /^top(\d+)$/.exec(text) ?? [];
  if (count === undefined || count === "1") return [classTarget(info, text)];
  return Array.from({ length: requireRank(info, Number(count)) }, (_, i) =>
    classTarget(info, `rank${i + 1}`),
  );
};
