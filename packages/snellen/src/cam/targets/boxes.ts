// The boxes that a detector gives beside its scores: found in the graph, brought to corners in shares of the input.
import { type GraphBuilder, knownDims, type Model, type Shapes, UsageError } from "@snellen/graph";
import { asFloat } from "../../vision-model/as-float.ts";
import { positionCount } from "../../vision-model/class-scores.ts";
import type { DescribedModel } from "../../vision-model/describe.ts";

export interface BoxOutput {
  readonly value: string;
  /** Axis of the four coordinates. */
  readonly axis: 1 | 2;
}

/**
 * The value that holds as many boxes as there are scores a class: an output [N, n, 4] or [N, 4, n], or what was put together
 * with the scores to make one.
 * @throws UsageError `no-boxes`
 */
export function findBoxes({ model, shapes, logits }: DescribedModel): BoxOutput {
  const count = positionCount(logits);
  for (const value of candidates(model, shapes)) {
    if (value === logits.value || value === logits.output) continue;
    const [, a, c, ...others] = knownDims(shapes, value);
    if (others.length > 0) continue;
    if (a === count && c === 4) return { value, axis: 2 };
    if (a === 4 && c === count) return { value, axis: 1 };
  }
  const { nodes, outputs } = model.graph;
  const nms = nodes.some(({ opType }) => opType === "NonMaxSuppression")
    ? " What NonMaxSuppression selected has no gradient; export the model without it."
    : "";
  throw new UsageError("no-boxes", `the model has no output of boxes [N, ${count}, 4] or [N, 4, ${count}].`, {
    where: "--target iou",
    hint: `Explain a score alone, box:<class>@<index>. Outputs: ${outputs.map((v) => v.name).join(", ")}.${nms}`,
  });
}

/** Outputs of known shape, then parts of those that were put together. */
function candidates({ graph }: Model, shapes: Shapes): string[] {
  const outputs = graph.outputs.map(({ name }) => name);
  const parts = graph.nodes
    .filter(({ opType, outputs: [made] }) => opType === "Concat" && outputs.includes(made as string))
    .flatMap(({ inputs }) => inputs);
  return [...outputs, ...parts].filter((name) => shapes.probes.every((probe) => probe.has(name)));
}

/** Sides of boxes, float32 [N, n], in shares of the input's width and height. */
export interface Corners {
  readonly left: string;
  readonly top: string;
  readonly right: string;
  readonly bottom: string;
}

/** Boxes of a picture are corners where at least this share has its second one right of and below its first. */
const ORDERED = 0.95;
/** Coordinates up to this are shares of the input, larger ones pixels: decoded boxes may stick out a little. */
const LARGEST_SHARE = 2;

/**
 * Two conventions are told apart by the values, picture by picture, as no file says which is meant: corners (x0, y0, x1, y1) or
 * centre and size, whose width is rarely above the centre's x in nearly all boxes; shares of the input or pixels.
 */
export function cornersOf(
  b: GraphBuilder,
  { value, axis }: BoxOutput,
  [height, width]: readonly [number, number],
): Corners {
  const boxes = asFloat(b, value);
  const largest = b.op("ReduceMax", [b.op("Abs", [boxes]), b.ints([1, 2])], { keepdims: 1 });
  const isShare = b.op("LessOrEqual", [largest, b.scalar(LARGEST_SHARE)]);
  const coordinate = (i: number, size: number): string => {
    const scale = b.op("Where", [isShare, b.scalar(1), b.scalar(1 / size)]);
    const cut = b.op("Slice", [boxes, b.ints([i]), b.ints([i + 1]), b.ints([axis])]);
    return b.op("Squeeze", [b.op("Mul", [cut, scale]), b.ints([axis])]);
  };
  const [x, y, x2, y2] = [width, height, width, height].map((size, i) => coordinate(i, size)) as [
    string,
    string,
    string,
    string,
  ];
  const follows = b.op("And", [b.op("GreaterOrEqual", [x2, x]), b.op("GreaterOrEqual", [y2, y])]);
  const share = b.op("ReduceMean", [asFloat(b, follows), b.ints([1])], { keepdims: 1 });
  const areCorners = b.op("GreaterOrEqual", [share, b.scalar(ORDERED)]);
  const half = (size: string) => b.op("Mul", [size, b.scalar(0.5)]);
  const first = (centre: string, size: string) =>
    b.op("Where", [areCorners, centre, b.op("Sub", [centre, half(size)])]);
  const second = (centre: string, size: string) =>
    b.op("Where", [areCorners, size, b.op("Add", [centre, half(size)])]);
  return { left: first(x, x2), top: first(y, y2), right: second(x, x2), bottom: second(y, y2) };
}

/** Area of what two boxes share over the area that they cover, float32 [N, n]. */
export function overlap(b: GraphBuilder, one: Corners, other: Corners): string {
  const side = (from: string, to: string) => b.op("Relu", [b.op("Sub", [to, from])]);
  const area = ({ left, top, right, bottom }: Corners) => b.op("Mul", [side(left, right), side(top, bottom)]);
  const both = area({
    left: b.op("Max", [one.left, other.left]),
    top: b.op("Max", [one.top, other.top]),
    right: b.op("Min", [one.right, other.right]),
    bottom: b.op("Min", [one.bottom, other.bottom]),
  });
  const either = b.op("Sub", [b.op("Add", [area(one), area(other)]), both]);
  return b.op("Div", [both, either]);
}
