// One detection: the score of a class at one position (anchor, query, cell) of a dense output.
import { makeTensor, UsageError } from "@snellen/graph";
import { positionCount } from "../../vision-model/class-scores.ts";
import type { DescribedModel } from "../../vision-model/describe.ts";
import { type ClassReference, pickIndex, referTo, scoreOf } from "./class-reference.ts";
import { requireDense, scoresAtPosition } from "./positions.ts";
import {
  type BoundTarget,
  badTarget,
  DEAD_SCORE,
  type ParseTarget,
  type TargetKind,
  unreached,
} from "./target.ts";
import { numbersIn, parted } from "./target-text.ts";

const PREFIX = "box:";
const EXAMPLE = `${PREFIX}<class>@<index>, such as ${PREFIX}top1@17`;

/** Ranks have an input of their own, as they are of the scores at this position, not of the highest ones. */
export const boxKind: TargetKind = {
  id: "box",
  syntax: `${PREFIX}<class>@<index>`,
  summary:
    "score of a class at one position of a dense output: anchor, query, cell (detectors); ranks are of that position",
  hasPlace: true,
  inputs: [
    { name: "class", dataType: "int64", dims: [] },
    { name: "rank", dataType: "int64", dims: [] },
    { name: "position", dataType: "int64", dims: [] },
  ],
  settle: ([, , position = []], { classIndex }) => [[classIndex], [0], position],
  build({ b, described }, [given, rank, position]) {
    const scores = scoresAtPosition(b, described, position as string);
    const isRank = b.op("Greater", [rank as string, b.tensor(makeTensor("int64", [], [0]))]);
    const wanted = b.op("Where", [isRank, b.op("Neg", [rank as string]), given as string]);
    const index = pickIndex(b, scores, wanted);
    return { index, score: scoreOf(b, scores, index) };
  },
  zeroCause: (score) => (score === 0 ? DEAD_SCORE : unreached("the score at this position")),
};

/**
 * The score of a class at one position of a dense output, such as a detector's anchor or query; ranks are of that position.
 * @param position index among the output's positions, from 0
 * @throws UsageError `not-dense`, `target-out-of-range`, and what `referTo` throws
 */
export function boxTarget(info: DescribedModel, reference: ClassReference, position: number): BoundTarget {
  requireDense(info, PREFIX);
  const count = positionCount(info.logits);
  if (!Number.isInteger(position) || position < 0 || position >= count) {
    throw new UsageError("target-out-of-range", `position ${position} does not exist.`, {
      where: "--target",
      hint: `The output has ${count} positions: 0 to ${count - 1}.`,
    });
  }
  const find = referTo(info, reference);
  return {
    kind: boxKind,
    name: `${PREFIX}${reference}@${position}`,
    feed(image) {
      const found = find(image);
      return [[Math.max(found, 0)], [Math.max(-found, 0)], [position]];
    },
  };
}

export const parseBox: ParseTarget = (text, info) => {
  if (!text.startsWith(PREFIX)) return undefined;
  const [reference, place] = parted(info, text.slice(PREFIX.length).trim(), "@") ?? [];
  const [position] = numbersIn(place ?? "", 1) ?? [];
  if (reference === undefined || position === undefined)
    throw badTarget(text, "expected a class and the index of a position", EXAMPLE);
  return [boxTarget(info, reference, position)];
};
