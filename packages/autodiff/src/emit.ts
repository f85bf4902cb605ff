// What rules write with, beside the builder itself: products, constants of a value's type, zeros, masks of comparisons.
import { codeOfDataType, type GraphBuilder } from "@snellen/graph";
import { shapeOf } from "./broadcast.ts";

export const mul = (b: GraphBuilder, ...factors: string[]): string =>
  factors.reduce((a, c) => b.op("Mul", [a, c]));

export const add = (b: GraphBuilder, ...terms: string[]): string =>
  terms.reduce((a, c) => b.op("Add", [a, c]));

/** `value · factor`; the value itself for a factor of one. */
export const scaled = (b: GraphBuilder, value: string, factor: number): string =>
  factor === 1 ? value : b.op("Mul", [value, b.scalar(factor, value)]);

/** `value + constant` */
export const shifted = (b: GraphBuilder, value: string, constant: number): string =>
  b.op("Add", [value, b.scalar(constant, value)]);

/** `constant − value` */
export const minusFrom = (b: GraphBuilder, constant: number, value: string): string =>
  b.op("Sub", [b.scalar(constant, value), value]);

export const square = (b: GraphBuilder, value: string): string => b.op("Mul", [value, value]);

/** Zeros of the shape and type of another value. */
export const zerosLike = (b: GraphBuilder, like: string): string =>
  b.op("Expand", [b.scalar(0, like), shapeOf(b, like)]);

/** A value cast to the element type of another; itself where they agree. */
export const castLike = (b: GraphBuilder, value: string, like: string): string =>
  b.dataType(value) === b.dataType(like)
    ? value
    : b.op("Cast", [value], { to: codeOfDataType(b.dataType(like)) });

/** `dy` where the condition holds, exactly 0 elsewhere, even where `dy` is infinite. */
export const where = (b: GraphBuilder, condition: string, dy: string): string =>
  b.op("Where", [condition, dy, b.scalar(0, dy)]);

/** Compares a value with a constant. */
export const compare = (
  b: GraphBuilder,
  comparison: "Greater" | "GreaterOrEqual" | "Less" | "LessOrEqual" | "Equal",
  value: string,
  constant: number,
): string => b.op(comparison, [value, b.scalar(constant, value)]);

/**
 * Pads the named axes with zeros, [before, after] each; negative counts cut. Every axis is written out: with Pad's `axes` input
 * ONNX Runtime 1.30's transpose optimizer permutes the wrong numbers.
 */
export function padAxes(
  b: GraphBuilder,
  value: string,
  pads: ReadonlyMap<number, readonly [number, number]>,
): string {
  const axes = [...Array(b.rank(value)).keys()];
  const ends = axes.map((axis) => pads.get(axis) ?? [0, 0]);
  if (ends.every(([before, after]) => before === 0 && after === 0)) return value;
  const counts = [...ends.map(([before]) => before), ...ends.map(([, after]) => after)];
  return b.op("Pad", [value, b.ints(counts)]);
}
