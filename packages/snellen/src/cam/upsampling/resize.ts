// Upsampling by ONNX Resize, shared by the interpolating kinds.
import type { UpsamplingContext } from "./upsampling.ts";

/** Resizes [N, h, w] to [N, H, W]; pixel centres aligned as in torch.nn.functional.interpolate. */
export function resizeCells(
  { b, cells, size }: Pick<UpsamplingContext, "b" | "cells" | "size">,
  mode: "linear" | "nearest",
): string {
  const map = b.op("Unsqueeze", [cells, b.ints([1])]);
  // sizes, not scales: 10/3 as a float32 scale gives 9 rows
  const resized = b.op("Resize", [map, "", "", b.ints(size)], {
    axes: [2, 3],
    mode,
    coordinate_transformation_mode: "half_pixel",
    nearest_mode: mode === "nearest" ? "round_prefer_floor" : undefined,
  });
  return b.op("Squeeze", [resized, b.ints([1])]);
}
