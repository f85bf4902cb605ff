// Scatter-add: the transposed gather. ONNX Runtime adds duplicates up correctly in ScatterElements only: its ScatterND divides
// the work among threads without locks (microsoft/onnxruntime issues 18048, 23396).
import { BATCH, type GraphBuilder } from "@snellen/graph";

/**
 * Adds slices of `gradient` along an axis into zeros.
 * @param gradient [..., m, ...]; its size at `axis` is that of `places`
 * @param places int64 [m], places along the new axis; duplicates add up
 * @param size int64 [1], size of the new axis; `dim` is the same number, `BATCH` where it follows the batch
 * @returns [..., size, ...]
 */
export function scatterAlong(
  b: GraphBuilder,
  gradient: string,
  places: string,
  axis: number,
  size: string,
  dim: number,
): string {
  const rank = b.rank(gradient);
  const column = b.op("Reshape", [
    places,
    b.ints(Array.from({ length: rank }, (_, i) => (i === axis ? -1 : 1))),
  ]);
  const indices = b.op("Expand", [column, b.op("Shape", [gradient])]);
  const dims = b.dims(gradient).map((d, i) => (i === axis ? dim : d));
  const zeros = b.op("Expand", [b.scalar(0, gradient), shapeWith(b, gradient, dims, axis, size)]);
  return b.op("ScatterElements", [zeros, indices, gradient], { axis, reduction: "add" });
}

/** The shape of a value with one axis of another size. */
function shapeWith(
  b: GraphBuilder,
  value: string,
  dims: readonly number[],
  axis: number,
  size: string,
): string {
  if (!dims.includes(BATCH)) return b.ints(dims);
  const part = (start: number, end: number) => (end > start ? [b.op("Shape", [value], { start, end })] : []);
  return b.op("Concat", [...part(0, axis), size, ...part(axis + 1, dims.length)], { axis: 0 });
}
