// The detection of an object whose box is known: the highest score among boxes that overlap it by half, plus that overlap.
// After FasterRCNNBoxScoreTarget of pytorch-grad-cam, which takes the box that overlaps most and asks what class it has.
import type { GraphBuilder } from "@snellen/graph";
import { asFloat } from "../../vision-model/as-float.ts";
import { positionCount } from "../../vision-model/class-scores.ts";
import type { DescribedModel } from "../../vision-model/describe.ts";
import { type BoxOutput, type Corners, cornersOf, findBoxes, overlap } from "./boxes.ts";
import { type ClassReference, pickIndex, referTo, settleClass } from "./class-reference.ts";
import { oneHot, requireDense, scoresOfClass, sumOver } from "./positions.ts";
import { type BoundTarget, badTarget, type ParseTarget, type TargetKind, unreached } from "./target.ts";
import { numbersIn, parted } from "./target-text.ts";

const PREFIX = "iou:";
const EXAMPLE = `${PREFIX}<class>@<left>,<top>,<right>,<bottom>, such as ${PREFIX}1@40,32,120,96`;

export const iouFacts = {
  id: "iou",
  syntax: `${PREFIX}<class>@x0,y0,x1,y1`,
  summary:
    "highest score of a class among boxes that overlap a given one by half, plus that overlap; pixels of the input (detectors)",
} as const;

/** Boxes that overlap less are not taken for the object. */
const LEAST = 0.5;
/** Below every score. */
const LOWEST = -3e38;

const iouKind = (boxes: BoxOutput): TargetKind => ({
  ...iouFacts,
  key: boxes.value,
  values: [boxes.value],
  hasPlace: true,
  inputs: [
    { name: "class", dataType: "int64", dims: [] },
    { name: "box", dataType: "float32", dims: [4] },
  ],
  settle: settleClass,
  build({ b, described, scores }, [wanted, box]) {
    const index = pickIndex(b, scores, wanted as string);
    const shared = overlap(b, cornersOf(b, boxes, described.input.size), givenCorners(b, box as string));
    const fits = b.op("GreaterOrEqual", [shared, b.scalar(LEAST)]);
    const here = scoresOfClass(b, described, index);
    const best = b.op("ArgMax", [b.op("Where", [fits, here, b.scalar(LOWEST)])], { axis: 1, keepdims: 0 });
    const chosen = b.op("Mul", [oneHot(b, best, positionCount(described.logits)), asFloat(b, fits)]);
    return { index, score: sumOver(b, b.op("Add", [here, shared]), chosen) };
  },
  zeroCause: (score) =>
    score === 0
      ? "no box that the network gives overlaps this one by half"
      : unreached("the score and the box"),
});

/** The four sides of a box that is fed, each [N, 1]. */
function givenCorners(b: GraphBuilder, box: string): Corners {
  const side = (i: number) => b.op("Slice", [box, b.ints([i]), b.ints([i + 1]), b.ints([1])]);
  return { left: side(0), top: side(1), right: side(2), bottom: side(3) };
}

/** Edges in pixels of the network's input. */
export type Box = readonly [left: number, top: number, right: number, bottom: number];

/**
 * A detector's highest score of a class among the boxes that overlap a given one by half (IoU of 0.5 or more), plus that overlap;
 * 0 where no box does.
 * @param box edges in pixels of the network's input
 * @throws UsageError `bad-target`, `not-dense`, `no-boxes`, and what `referTo` throws
 */
export function iouTarget(info: DescribedModel, reference: ClassReference, box: Box): BoundTarget {
  const name = `${PREFIX}${reference}@${box.join(",")}`;
  requireDense(info, PREFIX);
  const [height, width] = info.input.size;
  const [left, top, right, bottom] = box;
  if (!(left < right && top < bottom && right > 0 && bottom > 0 && left < width && top < height))
    throw badTarget(name, `no box of the input, which is ${width} wide and ${height} high`, EXAMPLE);
  const shares = [left / width, top / height, right / width, bottom / height];
  const find = referTo(info, reference);
  return { kind: iouKind(findBoxes(info)), name, feed: (image) => [[find(image)], shares] };
}

export const parseIou: ParseTarget = (text, info) => {
  if (!text.startsWith(PREFIX)) return undefined;
  const [reference, place] = parted(info, text.slice(PREFIX.length).trim(), "@") ?? [];
  const box = numbersIn(place ?? "", 4);
  if (reference === undefined || box === undefined)
    throw badTarget(text, "expected a class and four numbers", EXAMPLE);
  return [iouTarget(info, reference, box as unknown as Box)];
};
