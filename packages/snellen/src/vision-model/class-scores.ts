// One score a class and picture, whatever form the model gives them in. Derived here for dense outputs (masks, boxes).
import { BATCH, elementCount, type GraphBuilder } from "@snellen/graph";
import type { LogitsInfo } from "./logits.ts";

/**
 * Adds the scores as float32 [N, classes]. Of a dense output, a class's score is its highest over all positions, so that its
 * gradient explains the strongest detection or pixel.
 */
export function classScores(b: GraphBuilder, { value, classes, classAxis, shape }: LogitsInfo): string {
  const dims = b.dims(value);
  const batch = dims[0] === BATCH ? BATCH : (dims[0] as number);
  const axes = dims.map((_, axis) => axis);
  const perm = [0, classAxis, ...axes.filter((axis) => axis !== 0 && axis !== classAxis)];
  const turned = perm.every((axis, i) => axis === i) ? value : b.op("Transpose", [value], { perm });
  const positions = elementCount(shape) / classes;
  const isFlat = dims.length === 2;
  const rows = isFlat ? turned : b.op("Reshape", [turned, b.ints([batch, classes, positions])]);
  const scores = isFlat ? rows : b.op("ReduceMax", [rows, b.ints([2])], { keepdims: 0 });
  return b.dataType(scores) === "float32" ? scores : b.op("Cast", [scores], { to: 1 });
}
