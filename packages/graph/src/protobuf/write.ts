// The IR to protobuf messages. What an object's `source` message holds beyond the IR goes along; what did not change goes back
// as it was read, so that a file read and written again loses nothing.
import { create, type DescMessage, type MessageShape } from "@bufbuild/protobuf";
import {
  type AttributeProto,
  AttributeProto_AttributeType as AttributeType,
  type FunctionProto,
  type GraphProto,
  type ModelProto,
  type NodeProto,
  type TensorProto as OnnxTensorProto,
  OperatorSetIdProtoSchema,
  StringStringEntryProtoSchema,
  type TypeProto,
  TypeProtoSchema,
  type ValueInfoProto,
  ValueInfoProtoSchema,
} from "onnx-buf";
import { codeOfDataType } from "../data-type.ts";
import type { Attribute, DeclaredDim, Graph, LocalFunction, Model, Node, ValueInfo } from "../model.ts";
import type { Tensor } from "../tensor.ts";
import { domainOf, messageOf, readMetadata, readOpsets, readValueInfo } from "./read.ts";
import {
  AttributeSchema,
  copyMessage,
  FunctionSchema,
  GraphSchema,
  ModelSchema,
  NodeSchema,
  type TensorProto,
} from "./schema.ts";
import { writeTensor } from "./tensors.ts";

export type WriteInitializer = (name: string, tensor: Tensor) => TensorProto;

/** A copy of `source` (or a new message) with these fields; equal ones are left alone, so absent stays absent. */
function patch<S extends DescMessage>(
  schema: S,
  source: MessageShape<S> | undefined,
  fields: Partial<MessageShape<S>>,
): MessageShape<S> {
  const message = source === undefined ? create(schema) : copyMessage(source);
  for (const key of Object.keys(fields) as (keyof MessageShape<S>)[]) {
    const value = fields[key];
    if (value !== undefined && message[key] !== value) message[key] = value as MessageShape<S>[typeof key];
  }
  return message;
}

export function writeModel(model: Model, writeInitializer: WriteInitializer = writeTensor): ModelProto {
  const source = model.source as ModelProto | undefined;
  return patch(ModelSchema, source, {
    producerName: source === undefined ? model.producer || "snellen" : undefined,
    irVersion: BigInt(model.irVersion),
    opsetImport: writeOpsets(model.opsets, source?.opsetImport),
    metadataProps: writeMetadata(model.metadata, source?.metadataProps),
    functions: model.functions.map(writeFunction),
    graph: writeGraph(model.graph, writeInitializer),
  });
}

const isSameMap = <T>(a: ReadonlyMap<string, T>, b: ReadonlyMap<string, T>): boolean =>
  a.size === b.size && [...a].every(([key, value]) => b.get(key) === value);

function writeOpsets(opsets: ReadonlyMap<string, number>, source: ModelProto["opsetImport"] | undefined) {
  if (source !== undefined && isSameMap(opsets, readOpsets(source))) return source;
  return [...opsets].map(([domain, version]) =>
    create(OperatorSetIdProtoSchema, { domain, version: BigInt(version) }),
  );
}

function writeMetadata(
  metadata: ReadonlyMap<string, string>,
  source: ModelProto["metadataProps"] | undefined,
) {
  if (source !== undefined && isSameMap(metadata, readMetadata(source))) return source;
  return [...metadata].map(([key, value]) => create(StringStringEntryProtoSchema, { key, value }));
}

function writeGraph(graph: Graph, writeInitializer: WriteInitializer = writeTensor): GraphProto {
  const initializer = [...graph.initializers].map(([name, tensor]) => writeInitializer(name, tensor));
  return patch(GraphSchema, graph.source as GraphProto | undefined, {
    name: graph.name,
    input: graph.inputs.map(writeValueInfo),
    output: graph.outputs.map(writeValueInfo),
    valueInfo: graph.valueInfo.map(writeValueInfo),
    node: graph.nodes.map(writeNode),
    initializer: initializer as OnnxTensorProto[],
  });
}

/** The source's spelling of the same domain. */
const writeDomain = (domain: string, source: string | undefined): string =>
  source !== undefined && domainOf(source) === domain ? source : domain;

function writeNode(node: Node): NodeProto {
  const source = node.source as NodeProto | undefined;
  return patch(NodeSchema, source, {
    name: node.name,
    opType: node.opType,
    domain: writeDomain(node.domain, source?.domain),
    overload: node.overload ?? "",
    input: [...node.inputs],
    output: [...node.outputs],
    attribute: writeAttributes(node.attributes),
  });
}

function writeFunction(fn: LocalFunction): FunctionProto {
  const source = fn.source as FunctionProto | undefined;
  return patch(FunctionSchema, source, {
    name: fn.name,
    domain: writeDomain(fn.domain, source?.domain),
    overload: fn.overload,
    opsetImport: writeOpsets(fn.opsets ?? new Map(), source?.opsetImport),
    input: [...fn.inputs],
    output: [...fn.outputs],
    attribute: [...fn.attributeNames],
    attributeProto: writeAttributes(fn.attributeDefaults),
    node: fn.nodes.map(writeNode),
  });
}

/** Sequences, maps and optionals are known to the source alone: its type stands as long as the IR's has not changed. */
function writeValueInfo(info: ValueInfo): ValueInfoProto {
  const source = info.source as ValueInfoProto | undefined;
  const isSameType = source !== undefined && hasTypeOf(readValueInfo(source), info);
  const message = patch(ValueInfoProtoSchema, source, { name: info.name });
  if (!isSameType) message.type = writeType(info);
  return message;
}

const hasTypeOf = (a: ValueInfo, b: ValueInfo): boolean =>
  a.dataType === b.dataType &&
  a.dims?.length === b.dims?.length &&
  (a.dims ?? []).every((d, i) => d === b.dims?.[i]);

function writeType(info: ValueInfo): TypeProto | undefined {
  if (info.dataType === undefined) return undefined;
  const shape = info.dims && { dim: info.dims.map(writeDim) };
  const value = { elemType: codeOfDataType(info.dataType), ...(shape && { shape }) };
  return create(TypeProtoSchema, { value: { case: "tensorType", value } });
}

function writeDim(dim: DeclaredDim) {
  if (dim === undefined) return {};
  if (typeof dim === "number") return { value: { case: "dimValue" as const, value: BigInt(dim) } };
  return { value: { case: "dimParam" as const, value: dim } };
}

const writeAttributes = (attributes: Readonly<Record<string, Attribute>>): AttributeProto[] =>
  Object.entries(attributes).map(([name, a]) => writeAttribute(name, a));

const utf8 = new TextEncoder();

type Kind = Exclude<Attribute["type"], "opaque" | "reference">;
type Value<K extends Kind> = Extract<Attribute, { type: K }>["value"];

/** How each attribute kind is written; the table has one row for every kind that the IR makes. */
const WRITERS: {
  readonly [K in Kind]: { type: AttributeType; fields: (value: Value<K>) => Partial<AttributeProto> };
} = {
  int: { type: AttributeType.INT, fields: (i) => ({ i }) },
  ints: { type: AttributeType.INTS, fields: (ints) => ({ ints: [...ints] }) },
  float: { type: AttributeType.FLOAT, fields: (f) => ({ f }) },
  floats: { type: AttributeType.FLOATS, fields: (floats) => ({ floats: [...floats] }) },
  string: { type: AttributeType.STRING, fields: (s) => ({ s: utf8.encode(s) as Uint8Array<ArrayBuffer> }) },
  strings: {
    type: AttributeType.STRINGS,
    fields: (all) => ({ strings: all.map((s) => utf8.encode(s) as Uint8Array<ArrayBuffer>) }),
  },
  tensor: {
    type: AttributeType.TENSOR,
    fields: (t) => ({ t: writeTensor(undefined, t) as OnnxTensorProto }),
  },
  graph: { type: AttributeType.GRAPH, fields: (g) => ({ g: writeGraph(g) }) },
};

function writeAttribute(name: string, attribute: Attribute): AttributeProto {
  const unchanged = messageOf(attribute);
  if (unchanged !== undefined) return patch(AttributeSchema, unchanged, { name });
  if (attribute.type === "opaque") return patch(AttributeSchema, attribute.value as AttributeProto, { name });
  if (attribute.type === "reference") {
    const type = attribute.kind === undefined ? AttributeType.UNDEFINED : WRITERS[attribute.kind].type;
    return create(AttributeSchema, { name, type, refAttrName: attribute.value });
  }
  const { type, fields } = WRITERS[attribute.type] as (typeof WRITERS)["int"];
  return Object.assign(create(AttributeSchema, { name, type }), fields(attribute.value as bigint));
}
