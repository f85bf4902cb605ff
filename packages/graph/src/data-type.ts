// ONNX element types: names as people write them, codes as the file stores them, and how many bytes an element takes.
// Source: onnx.proto3, TensorProto.DataType.

/** One row per element type: protobuf code, bits per element, and the typed array that reads it (absent where JavaScript has none). */
const TABLE = {
  float32: { code: 1, bits: 32, array: Float32Array },
  uint8: { code: 2, bits: 8, array: Uint8Array },
  int8: { code: 3, bits: 8, array: Int8Array },
  uint16: { code: 4, bits: 16, array: Uint16Array },
  int16: { code: 5, bits: 16, array: Int16Array },
  int32: { code: 6, bits: 32, array: Int32Array },
  int64: { code: 7, bits: 64, array: BigInt64Array },
  string: { code: 8, bits: 0, array: undefined },
  bool: { code: 9, bits: 8, array: Uint8Array },
  float16: { code: 10, bits: 16, array: Uint16Array },
  float64: { code: 11, bits: 64, array: Float64Array },
  uint32: { code: 12, bits: 32, array: Uint32Array },
  uint64: { code: 13, bits: 64, array: BigUint64Array },
  complex64: { code: 14, bits: 64, array: undefined },
  complex128: { code: 15, bits: 128, array: undefined },
  bfloat16: { code: 16, bits: 16, array: Uint16Array },
  float8e4m3fn: { code: 17, bits: 8, array: undefined },
  float8e4m3fnuz: { code: 18, bits: 8, array: undefined },
  float8e5m2: { code: 19, bits: 8, array: undefined },
  float8e5m2fnuz: { code: 20, bits: 8, array: undefined },
  uint4: { code: 21, bits: 4, array: undefined },
  int4: { code: 22, bits: 4, array: undefined },
  float4e2m1: { code: 23, bits: 4, array: undefined },
  float8e8m0: { code: 24, bits: 8, array: undefined },
  uint2: { code: 25, bits: 2, array: undefined },
  int2: { code: 26, bits: 2, array: undefined },
} as const;

/** Name of an ONNX element type, such as `float32`, `int64` or `bfloat16`. */
export type DataType = keyof typeof TABLE;

/** All element types, in the order of their protobuf codes. */
export const dataTypes = Object.keys(TABLE) as DataType[];

const byCode = new Map<number, DataType>(dataTypes.map((type) => [TABLE[type].code, type]));

/** The element type with this protobuf code, or undefined for a code that this version does not know. */
export const dataTypeOfCode = (code: number): DataType | undefined => byCode.get(code);

/** The protobuf code of an element type (`TensorProto.DataType`): 1 for `float32`, 7 for `int64`. */
export const codeOfDataType = (type: DataType): number => TABLE[type].code;

/** Bytes that `count` elements take (sub-byte types are packed); 0 for strings, whose length is not fixed. */
export const byteLengthOf = (type: DataType, count: number): number =>
  Math.ceil((count * TABLE[type].bits) / 8);

/** The typed array whose elements have this type's width; undefined where JavaScript has none. */
export const typedArrayOf = (type: DataType) => TABLE[type].array;

const FLOATING: ReadonlySet<DataType> = new Set(["float32", "float64", "float16", "bfloat16"]);

/** True for the types through which a gradient can flow. */
export const isFloating = (type: DataType | undefined): boolean => type !== undefined && FLOATING.has(type);
