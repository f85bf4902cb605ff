// A constant with places added behind the last one of some axes, filled with zeros or, of quantized numbers, with what stands
// for zero.
import {
  byteLengthOf,
  type DataType,
  elementCount,
  makeTensor,
  type Tensor,
  tensorBytes,
  tensorNumbers,
} from "@snellen/graph";

/** Numbers that stand for zero: one for all, or one per index of an axis. */
export interface ZeroPoints {
  readonly values: readonly number[];
  readonly axis: number;
}

/**
 * @param added places behind the last one, per axis
 * @param zeros of integers that stand for real numbers; zero itself without it
 */
export function padTensor(tensor: Tensor, added: readonly number[], zeros?: ZeroPoints): Tensor {
  const { dataType } = tensor;
  const dims = tensor.dims.map((size, axis) => size + (added[axis] as number));
  const width = byteLengthOf(dataType, 1);
  const isPacked = byteLengthOf(dataType, 2) < 2 * width;
  if (!isPacked && zeros?.values.some((zero) => zero !== 0) !== true) {
    const data = new Uint8Array(elementCount(dims) * width);
    copyRows(tensorBytes(tensor), tensor.dims, data, dims, width);
    return { dataType, dims, data };
  }
  const values = filled(dims, zeros);
  copyRows(Float64Array.from(tensorNumbers(tensor)), tensor.dims, values, dims, 1);
  return makeTensor(dataType, dims, values);
}

/** A tensor of nothing but zeros, or what stands for them. */
export const filledTensor = (dataType: DataType, dims: readonly number[], zeros?: ZeroPoints): Tensor =>
  makeTensor(dataType, dims, filled(dims, zeros));

function filled(dims: readonly number[], zeros: ZeroPoints | undefined): Float64Array {
  const values = new Float64Array(elementCount(dims));
  if (zeros === undefined) return values;
  if (zeros.values.length === 1) return values.fill(zeros.values[0] as number);
  const inner = elementCount(dims.slice(zeros.axis + 1));
  const count = dims[zeros.axis] as number;
  return values.map((_, i) => zeros.values[Math.floor(i / inner) % count] as number);
}

/** Copies an array into the upper left corner of a larger one, row by row of the last axis. */
function copyRows<T extends Uint8Array | Float64Array>(
  from: T,
  fromDims: readonly number[],
  to: T,
  toDims: readonly number[],
  width: number,
): void {
  const row = (fromDims.at(-1) ?? 1) * width;
  const rows = elementCount(fromDims.slice(0, -1));
  for (let r = 0; r < rows; r++) {
    let [rest, place, step] = [r, 0, 1];
    for (let axis = fromDims.length - 2; axis >= 0; axis--) {
      const size = fromDims[axis] as number;
      place += (rest % size) * step;
      rest = Math.floor(rest / size);
      step *= toDims[axis] as number;
    }
    to.set(from.subarray(r * row, (r + 1) * row) as never, place * (toDims.at(-1) ?? 1) * width);
  }
}
