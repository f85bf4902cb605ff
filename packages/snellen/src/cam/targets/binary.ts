// A yes or no from one score: the score speaks for class 1, its negative for class 0.
// As BinaryClassifierOutputTarget of pytorch-grad-cam.
import { codeOfDataType, UsageError } from "@snellen/graph";
import type { DescribedModel } from "../../vision-model/describe.ts";
import type { LabelledSource } from "./class-reference.ts";
import {
  type BoundTarget,
  badTarget,
  DEAD_SCORE,
  type ParseTarget,
  type TargetKind,
  unreached,
} from "./target.ts";

const PREFIX = "binary:";

/** `top1` is the side that the score is on, `label` the image's own. */
export type BinarySide = 0 | 1 | "top1" | "label";

export const binaryKind: TargetKind = {
  id: "binary",
  syntax: `${PREFIX}<0|1>`,
  summary: "of a model with a single score: 1 the score, 0 its negative, top1 the side that it is on, label",
  inputs: [{ name: "sign", dataType: "float32", dims: [] }],
  settle: ([wanted], { logits: [score = 0] }) => [[wanted?.[0] || Math.sign(score)]],
  build({ b, scores }, [wanted]) {
    const zero = b.scalar(0);
    const score = b.op("Squeeze", [scores, b.ints([1])]);
    const isOpen = b.op("Equal", [wanted as string, zero]);
    const sign = b.op("Where", [isOpen, b.op("Sign", [score]), wanted as string]);
    const index = b.op("Cast", [b.op("Mul", [wanted as string, zero])], { to: codeOfDataType("int64") });
    return { index, score: b.op("Mul", [sign, score]) };
  },
  zeroCause: (score) => (score === 0 ? DEAD_SCORE : unreached("the score")),
};

/** 0 stands for the side that the score is on. */
const SIGNS: Readonly<Record<BinarySide, number | undefined>> = { 0: -1, 1: 1, top1: 0, label: undefined };

/**
 * A yes or no of a model with a single score: for 1 the score, for 0 its negative.
 * @param side `top1` for the side that the score is on, `label` for that of the image's own label
 * @throws UsageError `not-binary`; what it feeds throws `no-label`
 */
export function binaryTarget({ logits: { classes } }: DescribedModel, side: BinarySide): BoundTarget {
  if (classes !== 1) {
    throw new UsageError("not-binary", `the model has ${classes} scores; ${PREFIX} is for a single one.`, {
      where: "--target",
      hint: `Name a class: 0 to ${classes - 1}, or top1.`,
    });
  }
  return {
    kind: binaryKind,
    name: `${PREFIX}${side}`,
    feed: (image) => [[SIGNS[side] ?? signOf(image)]],
  };
}

function signOf({ classIndex, className, source }: LabelledSource): number {
  const label = classIndex ?? Number(className);
  if (label === 0 || label === 1) return label === 1 ? 1 : -1;
  throw new UsageError("no-label", "the image's label is neither 0 nor 1.", {
    where: source,
    hint: `Put images into folders called 0 and 1, or use --target ${PREFIX}1.`,
  });
}

export const parseBinary: ParseTarget = (text, info) => {
  if (!text.startsWith(PREFIX)) return undefined;
  const side = text.slice(PREFIX.length).trim();
  if (!Object.hasOwn(SIGNS, side)) throw badTarget(text, "expected 0, 1, top1 or label", `${PREFIX}1`);
  return [binaryTarget(info, /^\d$/.test(side) ? (Number(side) as 0 | 1) : (side as BinarySide))];
};
