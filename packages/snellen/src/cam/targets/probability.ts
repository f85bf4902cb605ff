// The probability of a class: Softmax over the scores, or Sigmoid where the network has one score a class of its own.
import type { DescribedModel } from "../../vision-model/describe.ts";
import { type ClassReference, pickIndex, referTo, scoreOf } from "./class-reference.ts";
import type { BoundTarget, ParseTarget, TargetKind } from "./target.ts";

const PREFIX = "probability:";

export const probabilityKind: TargetKind = {
  id: "probability",
  syntax: `${PREFIX}<class>`,
  summary: "a class's probability, by Softmax (Sigmoid where the model ends in one)",
  inputs: [{ name: "class", dataType: "int64", dims: [] }],
  build({ b, described: { logits }, scores }, [wanted]) {
    const index = pickIndex(b, scores, wanted as string);
    const isSingle = logits.skipped === "Sigmoid" || logits.classes === 1;
    const probabilities = isSingle ? b.op("Sigmoid", [scores]) : b.op("Softmax", [scores], { axis: 1 });
    return { index, score: scoreOf(b, probabilities, index) };
  },
  zeroCause: (score) =>
    `the probability ${score > 0.5 ? "is 1" : "is 0"} within float precision, where it is flat; explain the score instead (leave "${PREFIX}" out)`,
};

/** @throws what `referTo` throws */
export function probabilityTarget(info: DescribedModel, reference: ClassReference): BoundTarget {
  const find = referTo(info, reference);
  return { kind: probabilityKind, name: `${PREFIX}${reference}`, feed: (image) => [[find(image)]] };
}

export const parseProbability: ParseTarget = (text, info) =>
  text.startsWith(PREFIX) ? [probabilityTarget(info, text.slice(PREFIX.length))] : undefined;
