// Tensors between the IR and protobuf messages. Bytes stay views into the file, whichever of the message's fields holds them,
// save for integers stored as varints, which are decoded once.
import { create } from "@bufbuild/protobuf";
import { TensorProto_DataLocation as DataLocation, StringStringEntryProtoSchema } from "onnx-buf";
import { byteLengthOf, codeOfDataType, type DataType, dataTypeOfCode } from "../data-type.ts";
import { InternalError, ModelError, UnsupportedError } from "../errors.ts";
import { checkLocation } from "../external-data.ts";
import { type ExternalBytes, elementCount, type Tensor } from "../tensor.ts";
import { copyMessage, type TensorProto, TensorSchema, TYPED_DATA } from "./schema.ts";

/** Which message a tensor's contents were read from: while they are the same object, the message is written back as it was. */
const messageOfContents = new WeakMap<object, TensorProto>();

const contentsOf = (tensor: Tensor): object => tensor.strings ?? tensor.data;

/**
 * @throws UnsupportedError `unknown-data-type`, `segmented-tensor`
 * @throws ModelError `bad-dims`, `truncated-tensor`, `bad-external-data`, `missing-external-data`
 */
export function readTensor(proto: TensorProto): Tensor {
  const where = `tensor "${proto.name}"`;
  const dataType = dataTypeOfCode(proto.dataType);
  if (dataType === undefined) {
    throw new UnsupportedError("unknown-data-type", `element type ${proto.dataType} is unknown.`, {
      where,
      hint: "The file is damaged, or written for a newer ONNX than this version knows.",
    });
  }
  if (proto.segment !== undefined) {
    throw new UnsupportedError("segmented-tensor", "tensors in segments are not supported.", {
      where,
      hint: "Save the model with whole tensors.",
    });
  }
  const dims = readDims(proto, where);
  const tensor = readContents(proto, dataType, dims, where);
  messageOfContents.set(contentsOf(tensor), proto);
  return tensor;
}

function readDims(proto: TensorProto, where: string): number[] {
  const dims = proto.dims.map(Number);
  if (dims.some((d) => d < 0) || !Number.isSafeInteger(elementCount(dims)))
    throw new ModelError("bad-dims", `dims [${proto.dims.slice(0, 8)}] are impossible.`, { where });
  return dims;
}

function readContents(
  proto: TensorProto,
  dataType: DataType,
  dims: readonly number[],
  where: string,
): Tensor {
  if (dataType === "string") {
    const strings = proto.stringData;
    expectSize(strings.length, elementCount(dims), dataType, dims, where, "strings");
    return { dataType, dims, data: new Uint8Array(), strings, source: proto };
  }
  const expected = byteLengthOf(dataType, elementCount(dims));
  const data =
    proto.dataLocation === DataLocation.EXTERNAL
      ? readExternal(proto, expected, where)
      : readInline(proto, dataType, expected);
  const actual = data instanceof Uint8Array ? data.byteLength : data.length;
  expectSize(actual, expected, dataType, dims, where, "bytes");
  return { dataType, dims, data, source: proto };
}

function expectSize(
  actual: number,
  expected: number,
  type: DataType,
  dims: readonly number[],
  where: string,
  unit: string,
): void {
  if (actual === expected) return;
  throw new ModelError("truncated-tensor", `[${dims}] of ${type} needs ${expected} ${unit}, got ${actual}.`, {
    where,
    hint: "The file is damaged; export it again.",
  });
}

function readExternal(proto: TensorProto, expected: number, where: string): ExternalBytes {
  const entries = new Map(proto.externalData.map((e) => [e.key, e.value]));
  const location = entries.get("location");
  if (location === undefined)
    throw new ModelError("bad-external-data", "external data has no location.", { where });
  const [offset, length] = (["offset", "length"] as const).map((key) => {
    const text = entries.get(key) ?? (key === "offset" ? "0" : String(expected));
    const value = /^\d{1,16}$/.test(text) ? Number(text) : Number.NaN;
    if (Number.isSafeInteger(value)) return value;
    throw new ModelError("bad-external-data", `external data has ${key} ${JSON.stringify(text)}.`, { where });
  }) as [number, number];
  return { location: checkLocation(location, where), offset, length };
}

/** Which typed field holds a type, and the bytes of an entry; entries of varint fields are cut to the element's own size. */
const TYPED_FIELDS: { readonly [type: string]: { field: number; fixed: boolean } } = {
  float32: { field: TYPED_DATA.float, fixed: true },
  complex64: { field: TYPED_DATA.float, fixed: true },
  float64: { field: TYPED_DATA.double, fixed: true },
  complex128: { field: TYPED_DATA.double, fixed: true },
  int64: { field: TYPED_DATA.int64, fixed: false },
  uint32: { field: TYPED_DATA.uint64, fixed: false },
  uint64: { field: TYPED_DATA.uint64, fixed: false },
};

const INT32_FIELD = { field: TYPED_DATA.int32, fixed: false };

/** Bytes of a tensor stored in the message: raw, or in the typed field for its type. Always an object of its own. */
function readInline(proto: TensorProto, dataType: DataType, expected: number): Uint8Array {
  if (proto.rawData.length > 0) return proto.rawData;
  const { field, fixed } = TYPED_FIELDS[dataType] ?? INT32_FIELD;
  const runs = (proto.$unknown ?? [])
    .filter((u) => u.no === field)
    .map((u) => (u.wireType === 2 ? u.data.subarray(varintLength(u.data)) : u.data));
  if (!fixed) return decodeVarints(runs, Math.max(1, byteLengthOf(dataType, 1)), expected);
  return runs.length === 1 ? (runs[0] as Uint8Array) : concat(runs);
}

/** Several bytes as one array. */
export function concat(parts: readonly Uint8Array[]): Uint8Array<ArrayBuffer> {
  const all = new Uint8Array(parts.reduce((n, p) => n + p.byteLength, 0));
  let at = 0;
  for (const part of parts) {
    all.set(part, at);
    at += part.byteLength;
  }
  return all;
}

const varintLength = (bytes: Uint8Array): number => bytes.findIndex((b) => b < 0x80) + 1;

const count = (bytes: Uint8Array): number => bytes.reduce((n, b) => n + (b < 0x80 ? 1 : 0), 0);

/**
 * Varints as little-endian integers of `width` bytes (negative ones are stored as 64-bit two's complement, so cutting is right).
 * Where their number cannot fit `expected` bytes nothing is decoded, and the caller's size check fails.
 */
function decodeVarints(runs: readonly Uint8Array[], width: number, expected: number): Uint8Array {
  const size = runs.reduce((n, run) => n + count(run), 0) * width;
  if (size !== expected) return new Uint8Array(Math.min(size, 1));
  const bytes = new Uint8Array(size);
  let at = 0;
  let bit = 0;
  for (const run of runs) {
    for (const byte of run) {
      spread(bytes, at, width, bit, byte & 0x7f);
      bit += 7;
      if (byte < 0x80) {
        at += width;
        bit = 0;
      }
    }
  }
  return bytes;
}

/** Puts seven bits at bit position `bit` of the integer at `at`. */
function spread(bytes: Uint8Array, at: number, width: number, bit: number, seven: number): void {
  const index = bit >> 3;
  const shifted = seven << (bit & 7);
  if (index < width) bytes[at + index] = (bytes[at + index] as number) | (shifted & 0xff);
  if (index + 1 < width) bytes[at + index + 1] = (bytes[at + index + 1] as number) | (shifted >> 8);
}

/** The message of a tensor; the one it was read from where nothing changed. `name` undefined keeps the message's own. */
export function writeTensor(name: string | undefined, tensor: Tensor): TensorProto {
  const source = tensor.source as TensorProto | undefined;
  const unchanged = messageOfContents.get(contentsOf(tensor));
  const finalName = name ?? source?.name ?? "";
  if (unchanged !== undefined && describes(unchanged, tensor))
    return unchanged.name === finalName ? unchanged : copyMessage(unchanged, { name: finalName });
  if (isExternalBytes(tensor.data)) return writeExternalTensor(finalName, tensor, tensor.data);
  const message = tensorHeader(finalName, tensor);
  if (tensor.strings !== undefined) message.stringData = [...tensor.strings] as Uint8Array<ArrayBuffer>[];
  else message.rawData = tensor.data as Uint8Array<ArrayBuffer>;
  return message;
}

const isExternalBytes = (data: Tensor["data"]): data is ExternalBytes => !(data instanceof Uint8Array);

const describes = (proto: TensorProto, tensor: Tensor): boolean =>
  dataTypeOfCode(proto.dataType) === tensor.dataType &&
  proto.dims.length === tensor.dims.length &&
  proto.dims.every((d, i) => Number(d) === tensor.dims[i]);

/** Everything but the contents: name, type, dims, and what the IR does not model. */
function tensorHeader(name: string, tensor: Tensor): TensorProto {
  const source = tensor.source as TensorProto | undefined;
  const dataType = codeOfDataType(tensor.dataType);
  const message: TensorProto = create(TensorSchema, { dims: tensor.dims.map(BigInt), dataType });
  if (name !== "") message.name = name;
  if (source === undefined) return message;
  if (source.docString !== "") message.docString = source.docString;
  message.metadataProps = source.metadataProps;
  const typed: readonly number[] = Object.values(TYPED_DATA);
  const kept = source.$unknown?.filter((u) => !typed.includes(u.no)) ?? [];
  if (kept.length > 0) message.$unknown = kept;
  return message;
}

/** A tensor whose bytes lie in a file beside the model. */
export function writeExternalTensor(name: string, tensor: Tensor, at: ExternalBytes): TensorProto {
  if (tensor.strings !== undefined) throw new InternalError("string tensors have no external form");
  const entry = (key: string, value: string) => create(StringStringEntryProtoSchema, { key, value });
  const message = tensorHeader(name, tensor);
  message.dataLocation = DataLocation.EXTERNAL;
  message.externalData = [
    entry("location", at.location),
    entry("offset", String(at.offset)),
    entry("length", String(at.length)),
  ];
  return message;
}

/** Where an external tensor's message says that its bytes lie; undefined for others. */
export function externalPlace(message: TensorProto): ExternalBytes | undefined {
  const dataType = dataTypeOfCode(message.dataType);
  if (message.dataLocation !== DataLocation.EXTERNAL || dataType === undefined) return undefined;
  const where = `tensor "${message.name}"`;
  return readExternal(message, byteLengthOf(dataType, elementCount(message.dims.map(Number))), where);
}
