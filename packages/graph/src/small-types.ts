// Element types that JavaScript has no array for: integers of two and four bits, and floats of four and eight.
// Source: onnx/docs/docsgen/source/technical/{float8,float4,int4}.md; packing from onnx.proto, TensorProto.raw_data.
import type { DataType } from "./data-type.ts";

interface PackedIntegers {
  readonly bits: 2 | 4;
  readonly signed: boolean;
}

const PACKED: { readonly [type in DataType]?: PackedIntegers } = {
  uint4: { bits: 4, signed: false },
  int4: { bits: 4, signed: true },
  float4e2m1: { bits: 4, signed: false },
  uint2: { bits: 2, signed: false },
  int2: { bits: 2, signed: true },
};

interface SmallFloat {
  readonly exponentBits: number;
  readonly mantissaBits: number;
  readonly bias: number;
  /** What is no finite number, given the code without its sign: NaN or Infinity. */
  readonly special: (magnitude: number, code: number) => number | undefined;
}

const nanAt = (wanted: number) => (_: number, code: number) => (code === wanted ? Number.NaN : undefined);

const FLOATS: { readonly [type in DataType]?: SmallFloat } = {
  float8e4m3fn: {
    exponentBits: 4,
    mantissaBits: 3,
    bias: 7,
    special: (magnitude) => (magnitude === 0x7f ? Number.NaN : undefined),
  },
  float8e4m3fnuz: { exponentBits: 4, mantissaBits: 3, bias: 8, special: nanAt(0x80) },
  float8e5m2: {
    exponentBits: 5,
    mantissaBits: 2,
    bias: 15,
    special: (m) => (m < 0x7c ? undefined : m === 0x7c ? Number.POSITIVE_INFINITY : Number.NaN),
  },
  float8e5m2fnuz: { exponentBits: 5, mantissaBits: 2, bias: 16, special: nanAt(0x80) },
  float4e2m1: { exponentBits: 2, mantissaBits: 1, bias: 1, special: () => undefined },
};

function decodeFloat({ exponentBits, mantissaBits, bias, special }: SmallFloat, code: number): number {
  const magnitude = code & ((1 << (exponentBits + mantissaBits)) - 1);
  const sign = magnitude === code ? 1 : -1;
  const odd = special(magnitude, code);
  if (odd !== undefined) return sign * odd;
  const exponent = magnitude >> mantissaBits;
  const fraction = (magnitude & ((1 << mantissaBits) - 1)) / (1 << mantissaBits);
  return sign * (exponent === 0 ? fraction * 2 ** (1 - bias) : (1 + fraction) * 2 ** (exponent - bias));
}

/** A power of two without sign or fraction. */
const decodeScale = (code: number): number => (code === 255 ? Number.NaN : 2 ** (code - 127));

/** First element in the lowest bits. */
function unpack(bytes: Uint8Array, count: number, { bits, signed }: PackedIntegers): Int8Array | Uint8Array {
  const perByte = 8 / bits;
  const values = signed ? new Int8Array(count) : new Uint8Array(count);
  const signBit = signed ? 1 << (bits - 1) : 0;
  for (let i = 0; i < count; i++) {
    const byte = bytes[Math.floor(i / perByte)] as number;
    const code = (byte >> ((i % perByte) * bits)) & ((1 << bits) - 1);
    values[i] = (code ^ signBit) - signBit;
  }
  return values;
}

/** Values of a small type, or undefined when `type` is none of them. */
export function smallValues(
  type: DataType,
  bytes: Uint8Array,
  count: number,
): Int8Array | Uint8Array | Float32Array | undefined {
  const packed = PACKED[type];
  const codes = packed === undefined ? bytes : unpack(bytes, count, packed);
  const float = FLOATS[type];
  if (float !== undefined)
    return Float32Array.from({ length: count }, (_, i) => decodeFloat(float, codes[i] as number));
  if (type === "float8e8m0")
    return Float32Array.from({ length: count }, (_, i) => decodeScale(codes[i] as number));
  return packed === undefined ? undefined : (codes as Int8Array | Uint8Array);
}

/** Packs integers of two or four bits; undefined when `type` is neither. */
export function packSmallIntegers(
  type: DataType,
  values: ArrayLike<number | bigint>,
): Uint8Array | undefined {
  const packed = PACKED[type];
  if (packed === undefined || type === "float4e2m1") return undefined;
  const perByte = 8 / packed.bits;
  const bytes = new Uint8Array(Math.ceil(values.length / perByte));
  for (let i = 0; i < values.length; i++) {
    const code = Number(values[i]) & ((1 << packed.bits) - 1);
    const at = Math.floor(i / perByte);
    bytes[at] = (bytes[at] as number) | (code << ((i % perByte) * packed.bits));
  }
  return bytes;
}
