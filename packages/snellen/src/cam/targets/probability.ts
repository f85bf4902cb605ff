// The probability of a class: Softmax over the scores, or Sigmoid where the network has one score a class of its own.
import type { DescribedModel } from "../../vision-model/describe.ts";
import { type ClassReference, pickIndex, referTo, scoreOf, settleClass } from "./class-reference.ts";
import { type BoundTarget, type ParseTarget, type TargetKind, unreached } from "./target.ts";

const PREFIX = "probability:";
const INSTEAD = `explain the score instead (leave "${PREFIX}" out)`;

/** 1 − p of a float32 probability is right to some per cent only below this. */
const ROUNDING = 3e-6;

export const probabilityKind: TargetKind = {
  id: "probability",
  syntax: `${PREFIX}<class>`,
  summary: "a class's probability, by Softmax (Sigmoid where the model ends in one)",
  inputs: [{ name: "class", dataType: "int64", dims: [] }],
  settle: settleClass,
  build({ b, described: { logits }, scores }, [wanted]) {
    const index = pickIndex(b, scores, wanted as string);
    const isSingle = logits.skipped === "Sigmoid" || logits.classes === 1;
    const probabilities = isSingle ? b.op("Sigmoid", [scores]) : b.op("Softmax", [scores], { axis: 1 });
    return { index, score: scoreOf(b, probabilities, index) };
  },
  caveat: (score) =>
    score > 1 - ROUNDING && score < 1
      ? `the probability is so near to 1 that its gradient is little but rounding error; ${INSTEAD}`
      : undefined,
  zeroCause(score) {
    const flat = score > 1 - ROUNDING ? "1" : score < ROUNDING ? "0" : undefined;
    return flat === undefined
      ? unreached("the probability")
      : `the probability is ${flat} within float precision, where it is flat; ${INSTEAD}`;
  },
};

/**
 * The probability of a class, 0 to 1: by Softmax, or by Sigmoid where the model ends in one or has a single score.
 * @throws what `referTo` throws
 */
export function probabilityTarget(info: DescribedModel, reference: ClassReference): BoundTarget {
  const find = referTo(info, reference);
  return { kind: probabilityKind, name: `${PREFIX}${reference}`, feed: (image) => [[find(image)]] };
}

export const parseProbability: ParseTarget = (text, info) =>
  text.startsWith(PREFIX) ? [probabilityTarget(info, text.slice(PREFIX.length))] : undefined;
