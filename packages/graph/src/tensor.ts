// A constant tensor: element type, dimensions and little-endian bytes, which are views into the file until somebody edits them.
// Bytes may also lie elsewhere (ONNX external data); they are then read only when asked for.
import { byteLengthOf, type DataType, typedArrayOf } from "./data-type.ts";
import { InternalError, ModelError } from "./errors.ts";
import { packSmallIntegers, smallValues } from "./small-types.ts";

/** Where a tensor's bytes lie when they are not in memory: ONNX external data, relative to the model's folder. */
export interface ExternalBytes {
  readonly location: string;
  readonly offset: number;
  readonly length: number;
}

/** A constant: element type, dimensions, and bytes that are in memory or lie elsewhere. */
export interface Tensor {
  readonly dataType: DataType;
  readonly dims: readonly number[];
  /** Little-endian raw bytes (a view where possible), or where to find them. */
  readonly data: Uint8Array | ExternalBytes;
  /** For `string` tensors only. */
  readonly strings?: readonly Uint8Array[];
  /** The message it was read from, for fields that the IR does not model (doc strings, metadata, unknown fields). */
  readonly source?: unknown;
}

/** Values of a tensor as JavaScript sees them: int64 as bigint, floats of 16 bits and less widened to float32. */
export type TensorValues =
  | Float32Array
  | Float64Array
  | Uint8Array
  | Int8Array
  | Uint16Array
  | Int16Array
  | Int32Array
  | Uint32Array
  | BigInt64Array
  | BigUint64Array;

/** How many elements a tensor of these dimensions has: their product, 1 for a scalar's `[]`. */
export const elementCount = (dims: readonly number[]): number => dims.reduce((n, d) => n * d, 1);

/** True where a tensor's bytes lie in another file and were not read; `data` says where. */
export const isExternal = (tensor: Tensor): tensor is Tensor & { data: ExternalBytes } =>
  !(tensor.data instanceof Uint8Array);

/** The in-memory bytes of a tensor; external ones must have been read before. */
export function tensorBytes(tensor: Tensor): Uint8Array {
  if (tensor.data instanceof Uint8Array) return tensor.data;
  throw new InternalError(`external tensor at ${tensor.data.location} used before it was read`);
}

/** Reads a tensor's values; copies only when the bytes are not aligned for the element type. */
export function tensorValues(tensor: Tensor): TensorValues {
  const bytes = tensorBytes(tensor);
  const { dataType } = tensor;
  const count = elementCount(tensor.dims);
  if (bytes.byteLength < byteLengthOf(dataType, count)) {
    throw new ModelError(
      "truncated-tensor",
      `a ${dataType} tensor of [${tensor.dims}] holds ${bytes.byteLength} bytes, expected ${byteLengthOf(dataType, count)}.`,
    );
  }
  if (dataType === "float16" || dataType === "bfloat16") return widen(bytes, count, dataType);
  const small = smallValues(dataType, bytes, count);
  if (small !== undefined) return small;
  const ArrayType = typedArrayOf(dataType);
  if (ArrayType === undefined)
    throw new ModelError("unreadable-tensor", `cannot read values of type ${dataType}.`);
  const aligned = bytes.byteOffset % ArrayType.BYTES_PER_ELEMENT === 0 ? bytes : new Uint8Array(bytes);
  return new ArrayType(aligned.buffer as ArrayBuffer, aligned.byteOffset, count);
}

/** Values as plain numbers (int64 beyond ±2^53 saturates); for small tensors such as shapes and axes. */
export function tensorNumbers(tensor: Tensor): number[] {
  return Array.from(tensorValues(tensor) as ArrayLike<number | bigint>, toNumber);
}

/** A bigint as a number, saturating where a double cannot hold it: INT64_MAX as "to the end" stays huge. */
export function toNumber(value: number | bigint): number {
  if (typeof value === "number") return value;
  return Math.min(Math.max(Number(value), Number.MIN_SAFE_INTEGER), Number.MAX_SAFE_INTEGER);
}

/** Makes a tensor from numbers; booleans as 0 and 1, float16 rounded to nearest even. */
export function makeTensor(
  dataType: DataType,
  dims: readonly number[],
  values: ArrayLike<number | bigint>,
): Tensor {
  const count = elementCount(dims);
  if (values.length !== count) throw new InternalError(`${values.length} values for dims [${dims}]`);
  if (dataType === "float16" || dataType === "bfloat16") {
    const halves = Uint16Array.from({ length: count }, (_, i) => narrow(Number(values[i]), dataType));
    return { dataType, dims, data: new Uint8Array(halves.buffer) };
  }
  const packed = packSmallIntegers(dataType, values);
  if (packed !== undefined) return { dataType, dims, data: packed };
  const ArrayType = typedArrayOf(dataType);
  if (ArrayType === undefined) throw new InternalError(`cannot make a ${dataType} tensor from numbers`);
  const isBig = dataType === "int64" || dataType === "uint64";
  const typed = isBig
    ? (ArrayType as typeof BigInt64Array).from({ length: count }, (_, i) =>
        BigInt(values[i] as number | bigint),
      )
    : (ArrayType as typeof Float32Array).from({ length: count }, (_, i) => Number(values[i]));
  return { dataType, dims, data: new Uint8Array(typed.buffer) };
}

/** A float32 tensor over existing values, without copying them. */
export function floatTensor(dims: readonly number[], values: Float32Array): Tensor {
  if (values.length !== elementCount(dims))
    throw new InternalError(`${values.length} values for dims [${dims}]`);
  return {
    dataType: "float32",
    dims,
    data: new Uint8Array(values.buffer, values.byteOffset, values.byteLength),
  };
}

const scratch = new DataView(new ArrayBuffer(4));

/** float32 of each bit pattern, made at the first use: large weights are widened by one look-up each. */
const widened = new Map<string, Float32Array>();

function widen(bytes: Uint8Array, count: number, type: "float16" | "bfloat16"): Float32Array {
  const convert = type === "float16" ? halfToFloat : bfloatToFloat;
  const table = widened.get(type) ?? Float32Array.from({ length: 2 ** 16 }, (_, half) => convert(half));
  widened.set(type, table);
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const values = new Float32Array(count);
  for (let i = 0; i < count; i++) values[i] = table[view.getUint16(2 * i, true)] as number;
  return values;
}

function bfloatToFloat(half: number): number {
  scratch.setUint32(0, half << 16);
  return scratch.getFloat32(0);
}

/** IEEE 754 binary16 to number. */
export function halfToFloat(half: number): number {
  const sign = half & 0x8000 ? -1 : 1;
  const exponent = (half >> 10) & 0x1f;
  const fraction = half & 0x3ff;
  if (exponent === 0) return sign * fraction * 2 ** -24;
  if (exponent === 31) return fraction === 0 ? sign * Number.POSITIVE_INFINITY : Number.NaN;
  return sign * (1 + fraction / 1024) * 2 ** (exponent - 15);
}

function narrow(value: number, type: "float16" | "bfloat16"): number {
  scratch.setFloat32(0, value);
  const bits = scratch.getUint32(0);
  if (type === "bfloat16")
    return Number.isNaN(value) ? 0x7fc0 : ((bits + 0x7fff + ((bits >>> 16) & 1)) >>> 16) & 0xffff;
  return floatToHalf(value);
}

/** Number to IEEE 754 binary16, rounding to nearest even. */
export function floatToHalf(value: number): number {
  if (Number.isNaN(value)) return 0x7e00;
  const sign = value < 0 || Object.is(value, -0) ? 0x8000 : 0;
  const magnitude = Math.abs(value);
  if (magnitude >= 65520) return sign | 0x7c00;
  const exponent = Math.max(-14, Math.floor(Math.log2(magnitude || 1)));
  const rounded = roundToEven(magnitude * 2 ** (10 - exponent));
  if (magnitude < 2 ** -14) return sign | roundToEven(magnitude * 2 ** 24);
  return sign | (((exponent + 15) << 10) + (rounded - 1024));
}

function roundToEven(x: number): number {
  const floor = Math.floor(x);
  const rest = x - floor;
  if (rest > 0.5 || (rest === 0.5 && floor % 2 === 1)) return floor + 1;
  return floor;
}
