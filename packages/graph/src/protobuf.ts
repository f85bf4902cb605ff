// ONNX files to the IR and back. The only file that knows the protobuf messages (ONNX 1.20 schema, by onnx-buf on protobuf-es).
// Nothing is lost on a round trip: what the IR does not model stays in `source` and is written back.
import { create, fromBinary, toBinary } from "@bufbuild/protobuf";
import {
  type AttributeProto,
  AttributeProtoSchema,
  AttributeProto_AttributeType as AttributeType,
  TensorProto_DataLocation as DataLocation,
  type FunctionProto,
  FunctionProtoSchema,
  type GraphProto,
  GraphProtoSchema,
  type ModelProto,
  ModelProtoSchema,
  type NodeProto,
  NodeProtoSchema,
  type TensorProto,
  TensorProtoSchema,
  type ValueInfoProto,
  ValueInfoProtoSchema,
} from "onnx-buf";
import { byteLengthOf, codeOfDataType, type DataType, dataTypeOfCode, typedArrayOf } from "./data-type.ts";
import { InternalError, ModelError, UnsupportedError } from "./errors.ts";
import type { Attribute, DeclaredDim, Graph, LocalFunction, Model, Node, ValueInfo } from "./model.ts";
import { elementCount, type Tensor } from "./tensor.ts";

const utf8 = { decode: new TextDecoder(), encode: new TextEncoder() };

/** The standard domain has two spellings; the IR knows one. */
const domainOf = (domain: string): string => (domain === "ai.onnx" ? "" : domain);

/**
 * Parses an ONNX file. Initializers stay views into `bytes`, which must not be changed afterwards.
 * @throws ModelError `not-onnx` when the bytes are no ONNX model, `truncated` when the file ends early.
 */
export function parseModel(bytes: Uint8Array): Model {
  const proto = decode(bytes);
  if (proto.graph === undefined) {
    throw new ModelError("not-onnx", "this is not an ONNX model (no graph inside).", {
      hint: "Give a file written by an ONNX exporter.",
    });
  }
  return {
    irVersion: Number(proto.irVersion),
    opsets: new Map(proto.opsetImport.map((o) => [domainOf(o.domain), Number(o.version)])),
    graph: readGraph(proto.graph),
    functions: proto.functions.map(readFunction),
    metadata: new Map(proto.metadataProps.map((p) => [p.key, p.value])),
    producer: [proto.producerName, proto.producerVersion].filter(Boolean).join(" "),
    bytes,
    source: proto,
  };
}

function decode(bytes: Uint8Array): ModelProto {
  if (bytes.length === 0) throw new ModelError("not-onnx", "the file is empty.");
  try {
    return fromBinary(ModelProtoSchema, bytes);
  } catch (cause) {
    // A model starts with its ir_version (tag 0x08); anything else was never one.
    const started = bytes[0] === 0x08 && cause instanceof RangeError;
    if (started) {
      throw new ModelError("truncated", "the ONNX file ends early or is damaged.", {
        hint: "Copy or export it again.",
        cause,
      });
    }
    throw new ModelError("not-onnx", "this is not an ONNX model (not a protobuf of one).", {
      hint: "Give a file written by an ONNX exporter.",
      cause,
    });
  }
}

function readGraph(proto: GraphProto): Graph {
  if (proto.sparseInitializer.length > 0) {
    throw new UnsupportedError("sparse-initializer", "sparse initializers are not supported.", {
      where: `graph "${proto.name}"`,
      hint: "Export the model with dense weights.",
    });
  }
  return {
    name: proto.name,
    inputs: proto.input.map(readValueInfo),
    outputs: proto.output.map(readValueInfo),
    nodes: proto.node.map(readNode),
    initializers: new Map(proto.initializer.map((t) => [t.name, readTensor(t)])),
    valueInfo: proto.valueInfo.map(readValueInfo),
    source: proto,
  };
}

function readValueInfo(proto: ValueInfoProto): ValueInfo {
  const type = proto.type?.value;
  if (type?.case !== "tensorType")
    return { name: proto.name, dataType: undefined, dims: undefined, source: proto };
  const dims = type.value.shape?.dim.map((d): DeclaredDim => {
    if (d.value.case === "dimValue") return Number(d.value.value);
    return d.value.case === "dimParam" && d.value.value !== "" ? d.value.value : undefined;
  });
  return { name: proto.name, dataType: dataTypeOfCode(type.value.elemType), dims, source: proto };
}

function readNode(proto: NodeProto): Node {
  return {
    name: proto.name,
    opType: proto.opType,
    domain: domainOf(proto.domain),
    inputs: proto.input,
    outputs: proto.output,
    attributes: Object.fromEntries(proto.attribute.map((a) => [a.name, readAttribute(a)])),
    ...(proto.overload !== "" && { overload: proto.overload }),
    source: proto,
  };
}

function readFunction(proto: FunctionProto): LocalFunction {
  return {
    name: proto.name,
    domain: domainOf(proto.domain),
    overload: proto.overload,
    opsets: new Map(proto.opsetImport.map((o) => [domainOf(o.domain), Number(o.version)])),
    inputs: proto.input,
    outputs: proto.output,
    attributeNames: proto.attribute,
    attributeDefaults: Object.fromEntries(proto.attributeProto.map((a) => [a.name, readAttribute(a)])),
    nodes: proto.node.map(readNode),
    source: proto,
  };
}

/** How each attribute kind is read and written; kinds missing here travel as opaque messages. */
const READERS: { [kind: number]: (a: AttributeProto) => Attribute } = {
  [AttributeType.INT]: (a) => ({ type: "int", value: a.i }),
  [AttributeType.INTS]: (a) => ({ type: "ints", value: a.ints }),
  [AttributeType.FLOAT]: (a) => ({ type: "float", value: a.f }),
  [AttributeType.FLOATS]: (a) => ({ type: "floats", value: a.floats }),
  [AttributeType.STRING]: (a) => ({ type: "string", value: utf8.decode.decode(a.s) }),
  [AttributeType.STRINGS]: (a) => ({ type: "strings", value: a.strings.map((s) => utf8.decode.decode(s)) }),
  [AttributeType.TENSOR]: (a) =>
    a.t === undefined ? { type: "opaque", value: a } : { type: "tensor", value: readTensor(a.t) },
  [AttributeType.GRAPH]: (a) =>
    a.g === undefined ? { type: "opaque", value: a } : { type: "graph", value: readGraph(a.g) },
};

function readAttribute(proto: AttributeProto): Attribute {
  if (proto.refAttrName !== "") return { type: "reference", value: proto.refAttrName, source: proto };
  return READERS[proto.type]?.(proto) ?? { type: "opaque", value: proto };
}

const REFERENCE_KINDS: { readonly [kind: string]: AttributeType } = {
  int: AttributeType.INT,
  ints: AttributeType.INTS,
  float: AttributeType.FLOAT,
  floats: AttributeType.FLOATS,
  string: AttributeType.STRING,
  strings: AttributeType.STRINGS,
  tensor: AttributeType.TENSOR,
  graph: AttributeType.GRAPH,
};

function writeAttribute(name: string, attribute: Attribute): AttributeProto {
  const make = (type: AttributeType, fields: object) =>
    create(AttributeProtoSchema, { name, type, ...fields });
  switch (attribute.type) {
    case "int":
      return make(AttributeType.INT, { i: attribute.value });
    case "ints":
      return make(AttributeType.INTS, { ints: [...attribute.value] });
    case "float":
      return make(AttributeType.FLOAT, { f: attribute.value });
    case "floats":
      return make(AttributeType.FLOATS, { floats: [...attribute.value] });
    case "string":
      return make(AttributeType.STRING, { s: utf8.encode.encode(attribute.value) });
    case "strings":
      return make(AttributeType.STRINGS, { strings: attribute.value.map((s) => utf8.encode.encode(s)) });
    case "tensor":
      return make(AttributeType.TENSOR, { t: writeTensor("", attribute.value) });
    case "graph":
      return make(AttributeType.GRAPH, { g: writeGraph(attribute.value) });
    case "opaque":
      return attribute.value as AttributeProto;
    case "reference":
      return (
        (attribute.source as AttributeProto | undefined) ??
        make(REFERENCE_KINDS[attribute.kind ?? ""] ?? AttributeType.UNDEFINED, {
          refAttrName: attribute.value,
        })
      );
  }
}

function readTensor(proto: TensorProto): Tensor {
  const dataType = dataTypeOfCode(proto.dataType);
  if (dataType === undefined) {
    throw new UnsupportedError(
      "unknown-data-type",
      `element type ${proto.dataType} is newer than this version knows.`,
      {
        where: `tensor "${proto.name}"`,
      },
    );
  }
  const dims = proto.dims.map(Number);
  if (dims.some((d) => d < 0) || !Number.isSafeInteger(elementCount(dims))) {
    throw new ModelError("bad-dims", `dims [${dims}] are impossible.`, { where: `tensor "${proto.name}"` });
  }
  if (dataType === "string")
    return { dataType, dims, data: new Uint8Array(), strings: proto.stringData, source: proto };
  const data =
    proto.dataLocation === DataLocation.EXTERNAL
      ? externalBytes(proto, dataType, dims)
      : inlineBytes(proto, dataType);
  const expected = byteLengthOf(dataType, elementCount(dims));
  const actual = data instanceof Uint8Array ? data.byteLength : data.length;
  if (actual !== expected) {
    throw new ModelError(
      "truncated-tensor",
      `dims [${dims}] of ${dataType} need ${expected} bytes, the file holds ${actual}.`,
      {
        where: `tensor "${proto.name}"`,
        hint: "The file is damaged; export it again.",
      },
    );
  }
  return { dataType, dims, data, source: proto };
}

function externalBytes(proto: TensorProto, dataType: DataType, dims: readonly number[]) {
  const entries = new Map(proto.externalData.map((e) => [e.key, e.value]));
  const location = entries.get("location");
  if (location === undefined) {
    throw new ModelError("missing-external-data", "external data has no location.", {
      where: `tensor "${proto.name}"`,
    });
  }
  const expected = byteLengthOf(dataType, elementCount(dims));
  const offset = Number(entries.get("offset") ?? 0);
  const length = Number(entries.get("length") ?? expected);
  if (!Number.isSafeInteger(offset) || offset < 0 || !Number.isSafeInteger(length) || length < 0) {
    throw new ModelError("bad-external-data", `external data has offset ${offset} and length ${length}.`, {
      where: `tensor "${proto.name}"`,
    });
  }
  return { location, offset, length };
}

/** Bytes of a tensor stored in the message: raw (a view), or in one of the typed fields of older exporters (converted). */
function inlineBytes(proto: TensorProto, dataType: DataType): Uint8Array {
  if (proto.rawData.length > 0) return proto.rawData;
  const ArrayType = typedArrayOf(dataType);
  const fields: ArrayLike<number | bigint>[] = [
    proto.floatData,
    proto.doubleData,
    proto.int32Data,
    proto.int64Data,
    proto.uint64Data,
  ];
  const values = fields.find((f) => f.length > 0);
  if (values === undefined) return new Uint8Array();
  if (ArrayType === undefined) return Uint8Array.from(values as ArrayLike<number>); // packed sub-byte types, one byte an entry
  const typed = new ArrayType(values.length) as Float32Array | BigInt64Array;
  for (let i = 0; i < values.length; i++)
    (typed as { [i: number]: number | bigint })[i] = values[i] as number | bigint;
  return new Uint8Array(typed.buffer, typed.byteOffset, typed.byteLength);
}

/** How a tensor goes into the file. */
function writeTensor(name: string, tensor: Tensor): TensorProto {
  const source = tensor.source as TensorProto | undefined;
  if (source !== undefined) return source.name === name ? source : { ...source, name };
  if (tensor.strings !== undefined) {
    const stringData = tensor.strings as Uint8Array<ArrayBuffer>[];
    return create(TensorProtoSchema, { ...tensorHeader(name, tensor), stringData });
  }
  return create(TensorProtoSchema, { ...tensorHeader(name, tensor), rawData: rawBytes(tensor) });
}

const tensorHeader = (name: string, tensor: Tensor) => ({
  name,
  dims: tensor.dims.map(BigInt),
  dataType: codeOfDataType(tensor.dataType),
});

const rawBytes = (tensor: Tensor): Uint8Array<ArrayBuffer> => {
  if (tensor.data instanceof Uint8Array) return tensor.data as Uint8Array<ArrayBuffer>;
  throw new InternalError(`external tensor at ${tensor.data.location} without a source message`);
};

function writeExternalTensor(
  name: string,
  tensor: Tensor,
  at: { location: string; offset: number; length: number },
): TensorProto {
  const entry = (key: string, value: string) => ({
    $typeName: "onnx.StringStringEntryProto" as const,
    key,
    value,
  });
  return create(TensorProtoSchema, {
    ...tensorHeader(name, tensor),
    dataLocation: DataLocation.EXTERNAL,
    externalData: [
      entry("location", at.location),
      entry("offset", String(at.offset)),
      entry("length", String(at.length)),
    ],
  });
}

type WriteInitializer = (name: string, tensor: Tensor) => TensorProto | undefined;

function writeGraph(graph: Graph, writeInitializer: WriteInitializer = writeTensor): GraphProto {
  const source = graph.source as GraphProto | undefined;
  const initializer: TensorProto[] = [];
  for (const [name, tensor] of graph.initializers) {
    const written = writeInitializer(name, tensor);
    if (written !== undefined) initializer.push(written);
  }
  return create(GraphProtoSchema, {
    ...(source && {
      docString: source.docString,
      metadataProps: source.metadataProps,
      quantizationAnnotation: source.quantizationAnnotation,
      $unknown: source.$unknown,
    }),
    name: graph.name,
    input: graph.inputs.map(writeValueInfo),
    output: graph.outputs.map(writeValueInfo),
    valueInfo: graph.valueInfo.map(writeValueInfo),
    node: graph.nodes.map(writeNode),
    initializer,
  });
}

function writeNode(node: Node): NodeProto {
  const source = node.source as NodeProto | undefined;
  const attribute = Object.entries(node.attributes).map(([name, a]) => writeAttribute(name, a));
  return create(NodeProtoSchema, {
    ...(source && {
      docString: source.docString,
      metadataProps: source.metadataProps,
      overload: source.overload,
      deviceConfigurations: source.deviceConfigurations,
      $unknown: source.$unknown,
    }),
    name: node.name,
    opType: node.opType,
    domain: node.domain,
    input: [...node.inputs],
    output: [...node.outputs],
    attribute,
  });
}

function writeValueInfo(info: ValueInfo): ValueInfoProto {
  if (info.source !== undefined) return info.source as ValueInfoProto;
  if (info.dataType === undefined) return create(ValueInfoProtoSchema, { name: info.name });
  const dim = info.dims?.map((d) => {
    if (d === undefined) return {};
    if (typeof d === "number") return { value: { case: "dimValue" as const, value: BigInt(d) } };
    return { value: { case: "dimParam" as const, value: d } };
  });
  const tensor = { elemType: codeOfDataType(info.dataType), ...(dim && { shape: { dim } }) };
  return create(ValueInfoProtoSchema, {
    name: info.name,
    type: { value: { case: "tensorType", value: tensor } },
  });
}

function writeFunction(fn: LocalFunction): FunctionProto {
  const source = fn.source as FunctionProto | undefined;
  return create(FunctionProtoSchema, {
    ...(source && {
      docString: source.docString,
      valueInfo: source.valueInfo,
      metadataProps: source.metadataProps,
      $unknown: source.$unknown,
    }),
    name: fn.name,
    domain: fn.domain,
    overload: fn.overload,
    opsetImport: [...(fn.opsets ?? [])].map(([domain, version]) => ({ domain, version: BigInt(version) })),
    input: [...fn.inputs],
    output: [...fn.outputs],
    attribute: [...fn.attributeNames],
    attributeProto: Object.entries(fn.attributeDefaults).map(([name, a]) => writeAttribute(name, a)),
    node: fn.nodes.map(writeNode),
  });
}

function writeModelProto(model: Model, writeInitializer: WriteInitializer): ModelProto {
  const source = model.source as ModelProto | undefined;
  return create(ModelProtoSchema, {
    producerName: model.producer || "snellen",
    ...(source && {
      producerName: source.producerName,
      producerVersion: source.producerVersion,
      domain: source.domain,
      modelVersion: source.modelVersion,
      docString: source.docString,
      trainingInfo: source.trainingInfo,
      configuration: source.configuration,
      $unknown: source.$unknown,
    }),
    irVersion: BigInt(model.irVersion),
    opsetImport: [...model.opsets].map(([domain, version]) => ({ domain, version: BigInt(version) })),
    metadataProps: [...model.metadata].map(([key, value]) => ({ key, value })),
    functions: model.functions.map(writeFunction),
    graph: writeGraph(model.graph, writeInitializer),
  });
}

/** Tensors of at least this many bytes are written apart from the graph: as their own chunk, or by reference. */
const LARGE = 1024;

/**
 * The file's bytes as a list of chunks to be written one after another. Large initializers are views, not copies:
 * protobuf merges repeated `graph` fields, so each of them may follow the graph in a field of its own.
 */
export function modelChunks(model: Model): Uint8Array[] {
  const large: [string, Tensor][] = [];
  const proto = writeModelProto(model, (name, tensor) => {
    if (!(tensor.data instanceof Uint8Array) || tensor.data.byteLength < LARGE || tensor.strings)
      return writeTensor(name, tensor);
    large.push([name, tensor]);
    return undefined;
  });
  const head = toBinary(ModelProtoSchema, proto);
  return [head, ...large.flatMap(([name, tensor]) => initializerChunks(name, tensor))];
}

/** `ModelProto.graph { initializer { header, raw_data } }` as [prefix, data]; field numbers from onnx.proto3: 7, 5, 9. */
function initializerChunks(name: string, tensor: Tensor): Uint8Array[] {
  const data = rawBytes(tensor);
  const source = tensor.source as TensorProto | undefined;
  const kept = source && {
    docString: source.docString,
    metadataProps: source.metadataProps,
    $unknown: source.$unknown,
  };
  const header = toBinary(
    TensorProtoSchema,
    create(TensorProtoSchema, { ...kept, ...tensorHeader(name, tensor) }),
  );
  const rawTag = [(9 << 3) | 2, ...varint(data.byteLength)];
  const tensorLength = header.byteLength + rawTag.length + data.byteLength;
  const tensorTag = [(5 << 3) | 2, ...varint(tensorLength)];
  const graphTag = [(7 << 3) | 2, ...varint(tensorTag.length + tensorLength)];
  return [Uint8Array.from([...graphTag, ...tensorTag, ...header, ...rawTag]), data];
}

function varint(value: number): number[] {
  const bytes: number[] = [];
  let rest = value;
  while (rest >= 0x80) {
    bytes.push((rest % 0x80) | 0x80);
    rest = Math.floor(rest / 0x80);
  }
  bytes.push(rest);
  return bytes;
}

/** The whole file in one array; for small models and tests. Prefer `modelChunks` when weights are large. */
export function serializeModel(model: Model): Uint8Array {
  const chunks = modelChunks(model);
  const bytes = new Uint8Array(chunks.reduce((n, c) => n + c.byteLength, 0));
  let at = 0;
  for (const chunk of chunks) {
    bytes.set(chunk, at);
    at += chunk.byteLength;
  }
  return bytes;
}

/**
 * A small file whose unchanged weights point into the user's own model file (ONNX external data is location, offset, length,
 * and a raw initializer of a file is just that).
 * @param location name of the user's file, relative to the folder that the runtime is told to look in
 */
export function serializeByReference(model: Model, location: string): Uint8Array {
  const home = model.bytes;
  const proto = writeModelProto(model, (name, tensor) => {
    const data = tensor.data;
    const within = home !== undefined && data instanceof Uint8Array && data.buffer === home.buffer;
    if (!within || data.byteLength < LARGE) return writeTensor(name, tensor);
    return writeExternalTensor(name, tensor, {
      location,
      offset: data.byteOffset - home.byteOffset,
      length: data.byteLength,
    });
  });
  return toBinary(ModelProtoSchema, proto);
}
