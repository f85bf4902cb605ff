// Scores of a class at the positions of a dense output (masks, boxes, queries), and sums over some of the positions.
import { type GraphBuilder, makeTensor, UsageError } from "@snellen/graph";
import { positionCount, positionScores } from "../../vision-model/class-scores.ts";
import type { DescribedModel } from "../../vision-model/describe.ts";

/** @throws UsageError `not-dense` where a class has but one score */
export function requireDense({ logits }: DescribedModel, kind: string): void {
  if (positionCount(logits) > 1) return;
  const dims = ["N", ...logits.shape].join(", ");
  throw new UsageError(
    "not-dense",
    `${kind} needs scores at several positions, but "${logits.value}" is [${dims}].`,
    { where: "--target", hint: "Explain a class alone, such as --target top1, or another --output." },
  );
}

/** Ones where an index is, int64 [N] → float32 [N, count]. */
export function oneHot(b: GraphBuilder, index: string, count: number): string {
  const onOff = b.tensor(makeTensor("float32", [2], [0, 1]));
  return b.op("OneHot", [index, b.ints([count]), onOff], { axis: -1 });
}

/** A class's score at every position: float32 [N, positions]. */
export function scoresOfClass(b: GraphBuilder, described: DescribedModel, index: string): string {
  const rows = positionScores(b, described.logits);
  const mask = b.op("Unsqueeze", [oneHot(b, index, described.logits.classes), b.ints([2])]);
  return b.op("ReduceSum", [b.op("Mul", [rows, mask]), b.ints([1])], { keepdims: 0 });
}

/** All classes' scores at one position a picture: float32 [N, classes]. */
export function scoresAtPosition(b: GraphBuilder, described: DescribedModel, position: string): string {
  const rows = positionScores(b, described.logits);
  const mask = b.op("Unsqueeze", [oneHot(b, position, positionCount(described.logits)), b.ints([1])]);
  return b.op("ReduceSum", [b.op("Mul", [rows, mask]), b.ints([2])], { keepdims: 0 });
}

/** Σ mask · values over the positions, [N, positions] → [N]. */
export const sumOver = (b: GraphBuilder, values: string, mask: string): string =>
  b.op("ReduceSum", [b.op("Mul", [values, mask]), b.ints([1])], { keepdims: 0 });
