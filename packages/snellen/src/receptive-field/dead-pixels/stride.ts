// A stride as callers give it: one number, or one an axis.
import { UsageError } from "@snellen/graph";

/** Pixels between neighbouring cells. */
export type Stride = number | readonly [rows: number, columns: number];

/** @throws UsageError `bad-stride` unless both are whole, at least 1 and no longer than the image */
export function strideSides(stride: Stride, dims: readonly [number, number]): readonly [number, number] {
  const sides = typeof stride === "number" ? ([stride, stride] as const) : stride;
  if (sides.every((side, axis) => Number.isInteger(side) && side >= 1 && side <= (dims[axis] as number)))
    return sides;
  throw new UsageError(
    "bad-stride",
    `a stride of ${sides.join("x")} does not fit ${dims.join("x")} pixels.`,
    {
      hint: "Give whole numbers from 1 to the image's height and width.",
    },
  );
}
