// One score a class and picture, whatever form the model gives them in. Derived here for dense outputs (masks, boxes).
import { BATCH, elementCount, type GraphBuilder } from "@snellen/graph";
import { asFloat } from "./as-float.ts";
import type { LogitsInfo } from "./logits.ts";

/**
 * Adds the scores as float32 [N, classes]. Of a dense output, a class's score is its highest over all positions, so that its
 * gradient explains the strongest detection or pixel.
 */
export function classScores(b: GraphBuilder, logits: LogitsInfo): string {
  const rows = classRows(b, logits);
  const scores = b.rank(rows) === 2 ? rows : b.op("ReduceMax", [rows, b.ints([2])], { keepdims: 0 });
  return asFloat(b, scores);
}

/** Adds the scores of all positions as float32 [N, classes, positions]; one position where the output is not dense. */
export function positionScores(b: GraphBuilder, logits: LogitsInfo): string {
  const rows = asFloat(b, classRows(b, logits));
  return b.rank(rows) === 2 ? b.op("Unsqueeze", [rows, b.ints([2])]) : rows;
}

/** How many positions each class has a score at. */
export const positionCount = ({ shape, classes }: LogitsInfo): number => elementCount(shape) / classes;

/** [rows, columns] of a dense output's positions; undefined where they lie on no grid (one score a class, anchors, queries). */
export function positionGrid({ shape, classAxis }: LogitsInfo): readonly [number, number] | undefined {
  const [h, w, ...others] = shape.filter((_, i) => i !== classAxis - 1);
  return h === undefined || w === undefined || others.length > 0 || h * w === 1 ? undefined : [h, w];
}

/** [N, classes], or [N, classes, positions] where the scores have more axes. */
function classRows(b: GraphBuilder, { value, classes, classAxis, shape }: LogitsInfo): string {
  const dims = b.dims(value);
  if (dims.length === 1) return b.op("Unsqueeze", [value, b.ints([1])]);
  const batch = dims[0] === BATCH ? BATCH : (dims[0] as number);
  const axes = dims.map((_, axis) => axis);
  const perm = [0, classAxis, ...axes.filter((axis) => axis !== 0 && axis !== classAxis)];
  const turned = perm.every((axis, i) => axis === i) ? value : b.op("Transpose", [value], { perm });
  if (dims.length === 2) return turned;
  return b.op("Reshape", [turned, b.ints([batch, classes, elementCount(shape) / classes])]);
}
