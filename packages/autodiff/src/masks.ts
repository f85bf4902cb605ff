// 0/1 masks in the form that is fast on ONNX Runtime: a steep HardSigmoid keeps a convolutional network in the blocked NCHWc
// layout, where comparisons and Where leave it (MobileNetV2, forward and gradient: 43 → 19 ms). Derived here.
import { attr, type GraphBuilder, type Node } from "@snellen/graph";
import { castLike, compare } from "./emit.ts";

/** Near the largest float32: every positive normal number times it is at least 1. */
const STEEPEST = 3e38;
/** A power of two, so that products with it are exact. */
const STEEP = 2 ** 100;
/** Bounds for which the ramp is a step: one float32 step beside them is more than the ramp's width, and no product overflows. */
const isSteepAt = (bound: number): boolean => Math.abs(bound) > 2 ** -70 && Math.abs(bound) < 2 ** 27;

const ramp = (b: GraphBuilder, y: string, alpha: number, beta: number): string =>
  b.op("HardSigmoid", [y], { alpha: { float: alpha }, beta: { float: beta } });

/** 1 where `y` is above the bound, else 0, in the type of `y`. Read it from an operator's output: its fusion with its producer stays. */
export function isAbove(b: GraphBuilder, y: string, bound: number): string {
  const isSingle = b.dataType(y) === "float32";
  if (isSingle && bound === 0) return ramp(b, y, STEEPEST, 0);
  if (isSingle && isSteepAt(bound)) return ramp(b, y, STEEP, -bound * STEEP);
  return castLike(b, compare(b, "Greater", y, bound), y);
}

/** 1 where `y` is below the bound, else 0. */
export function isBelow(b: GraphBuilder, y: string, bound: number): string {
  const isSingle = b.dataType(y) === "float32";
  if (isSingle && bound === 0) return ramp(b, y, -STEEPEST, 0);
  if (isSingle && isSteepAt(bound)) return ramp(b, y, -STEEP, bound * STEEP);
  return castLike(b, compare(b, "Less", y, bound), y);
}

/** Whether a HardSigmoid is one of these masks: a step, whose derivative is zero. */
export const isStep = (node: Node): boolean => Math.abs(attr.float(node, "alpha", 0.2)) >= STEEP;
