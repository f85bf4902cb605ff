// 0/1 masks in the form that is fast on ONNX Runtime: a steep HardSigmoid keeps a convolutional network in the blocked NCHWc
// layout, where comparisons and Where leave it (MobileNetV2, forward and gradient: 43 → 19 ms). Derived here.
import { attr, type GraphBuilder, type Node } from "@snellen/graph";
import { castLike, compare } from "./emit.ts";

/** Near the largest float32: every positive normal number times it is at least 1. */
const STEEP = 3e38;
/** A power of two, so that products with it are exact. */
const STEEP_EXACT = 2 ** 100;

/** 1 where `y` is above zero, else 0, in the type of `y`. Read it from an operator's output: the fusion with its producer stays. */
export const isPositive = (b: GraphBuilder, y: string): string =>
  b.dataType(y) === "float32"
    ? b.op("HardSigmoid", [y], { alpha: { float: STEEP }, beta: { float: 0 } })
    : castLike(b, compare(b, "Greater", y, 0), y);

/** 1 where `y` is below the bound, else 0 (also at the bound itself). */
export const isBelow = (b: GraphBuilder, y: string, bound: number): string =>
  b.dataType(y) === "float32"
    ? b.op("HardSigmoid", [y], { alpha: { float: -STEEP_EXACT }, beta: { float: bound * STEEP_EXACT } })
    : castLike(b, compare(b, "Less", y, bound), y);

/** Whether a HardSigmoid is one of these masks: a step, whose derivative is zero. */
export const isStep = (node: Node): boolean => Math.abs(attr.float(node, "alpha", 0.2)) >= STEEP_EXACT;
