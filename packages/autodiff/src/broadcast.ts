// Sums a gradient over the axes along which its value was repeated, and the reverse. Rules never mention broadcasting.
import { BATCH, type GraphBuilder } from "@snellen/graph";

/** Brings `gradient` to the shape of `value` by summing what broadcasting repeated. Smaller gradients stay as they are. */
export function sumToShape(b: GraphBuilder, gradient: string, value: string): string {
  const target = b.dims(value);
  const extra = b.rank(gradient) - target.length;
  let sum = gradient;
  if (extra > 0) {
    const axes = Array.from({ length: extra }, (_, i) => i);
    sum = b.op("ReduceSum", [sum, b.ints(axes)], { keepdims: 0 });
  }
  const dims = b.dims(sum);
  const offset = target.length - dims.length;
  const repeated = dims.flatMap((d, i) => (target[i + offset] === 1 && d !== 1 ? [i] : []));
  return repeated.length === 0 ? sum : b.op("ReduceSum", [sum, b.ints(repeated)], { keepdims: 1 });
}

/** Whether two values have the same dimensions at every batch size, those that follow the batch included. */
const haveSameShape = (b: GraphBuilder, one: string, other: string): boolean =>
  b.shapes.probes.every((probe) => String(probe.get(one)?.dims) === String(probe.get(other)?.dims));

/** Repeats a gradient that is smaller than its value (as pooling's is) to the value's full shape. */
export function expandToShape(b: GraphBuilder, gradient: string, value: string): string {
  if (haveSameShape(b, gradient, value)) return gradient;
  return b.op("Expand", [gradient, shapeOf(b, value)]);
}

/** The shape of a value as an int64 vector: a constant when nothing follows the batch. */
export function shapeOf(b: GraphBuilder, value: string): string {
  const dims = b.dims(value);
  return dims.includes(BATCH) ? b.op("Shape", [value]) : b.ints(dims);
}

/** Reshapes to the shape of another value; constant where at most one axis follows the batch. */
export function reshapeLike(b: GraphBuilder, value: string, like: string): string {
  if (haveSameShape(b, value, like)) return value;
  const dims = b.dims(like);
  const open = dims.filter((d) => d === BATCH).length;
  const empty = dims.includes(0);
  return b.op(
    "Reshape",
    [value, open <= 1 && !empty ? b.ints(dims) : b.op("Shape", [like])],
    empty ? { allowzero: 1 } : {},
  );
}
