// Protobuf messages to the IR. Each object keeps its message as `source`, for what the IR does not model.
import {
  type AttributeProto,
  AttributeProto_AttributeType as AttributeType,
  type FunctionProto,
  type GraphProto,
  type ModelProto,
  type NodeProto,
  type OperatorSetIdProto,
  type StringStringEntryProto,
  type ValueInfoProto,
} from "onnx-buf";
import { dataTypeOfCode } from "../data-type.ts";
import { ModelError, UnsupportedError } from "../errors.ts";
import type { Attribute, DeclaredDim, Graph, LocalFunction, Model, Node, ValueInfo } from "../model.ts";
import type { Tensor } from "../tensor.ts";
import type { TensorProto } from "./schema.ts";
import { readTensor } from "./tensors.ts";

/** The standard domain has two spellings; the IR knows one. */
export const domainOf = (domain: string): string => (domain === "ai.onnx" ? "" : domain);

export function readModel(proto: ModelProto & { graph: GraphProto }): Model {
  return {
    irVersion: Number(proto.irVersion),
    opsets: readOpsets(proto.opsetImport),
    graph: readGraph(proto.graph),
    functions: proto.functions.map(readFunction),
    metadata: readMetadata(proto.metadataProps),
    producer: [proto.producerName, proto.producerVersion].filter(Boolean).join(" "),
    source: proto,
  };
}

export const readOpsets = (imports: readonly OperatorSetIdProto[]): Map<string, number> =>
  new Map(imports.map((o) => [domainOf(o.domain), Number(o.version)]));

export const readMetadata = (props: readonly StringStringEntryProto[]): Map<string, string> =>
  new Map(props.map((p) => [p.key, p.value]));

export function readGraph(proto: GraphProto): Graph {
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
    initializers: readInitializers(proto),
    valueInfo: proto.valueInfo.map(readValueInfo),
    source: proto,
  };
}

/** Of two initializers with one name the last counts, as in ONNX Runtime. */
function readInitializers(proto: GraphProto): Map<string, Tensor> {
  return new Map(proto.initializer.map((t: TensorProto) => [t.name, readTensor(t)]));
}

export function readValueInfo(proto: ValueInfoProto): ValueInfo {
  const type = proto.type?.value;
  if (type?.case !== "tensorType")
    return { name: proto.name, dataType: undefined, dims: undefined, source: proto };
  const dims = type.value.shape?.dim.map((d): DeclaredDim => {
    if (d.value.case === "dimValue") return d.value.value < 0 ? undefined : Number(d.value.value);
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
    attributes: readAttributes(proto.attribute, () => `node "${proto.name}" (${proto.opType})`),
    ...(proto.overload !== "" && { overload: proto.overload }),
    source: proto,
  };
}

function readFunction(proto: FunctionProto): LocalFunction {
  return {
    name: proto.name,
    domain: domainOf(proto.domain),
    overload: proto.overload,
    inputs: proto.input,
    outputs: proto.output,
    attributeNames: proto.attribute,
    attributeDefaults: readAttributes(proto.attributeProto, () => `function "${proto.name}"`),
    nodes: proto.node.map(readNode),
    opsets: readOpsets(proto.opsetImport),
    source: proto,
  };
}

function readAttributes(protos: readonly AttributeProto[], where: () => string): Record<string, Attribute> {
  const attributes: Record<string, Attribute> = {};
  for (const proto of protos) {
    if (Object.hasOwn(attributes, proto.name) || proto.name === "__proto__")
      throw new ModelError("duplicate-name", `attribute "${proto.name}" is given twice.`, { where: where() });
    attributes[proto.name] = readAttribute(proto);
  }
  return attributes;
}

const utf8 = new TextDecoder();

/** How each attribute kind is read; kinds missing here travel as opaque messages. */
const READERS: { readonly [kind: number]: (a: AttributeProto) => Attribute } = {
  [AttributeType.INT]: (a) => ({ type: "int", value: a.i }),
  [AttributeType.INTS]: (a) => ({ type: "ints", value: a.ints }),
  [AttributeType.FLOAT]: (a) => ({ type: "float", value: a.f }),
  [AttributeType.FLOATS]: (a) => ({ type: "floats", value: a.floats }),
  [AttributeType.STRING]: (a) => ({ type: "string", value: utf8.decode(a.s) }),
  [AttributeType.STRINGS]: (a) => ({ type: "strings", value: a.strings.map((s) => utf8.decode(s)) }),
  [AttributeType.TENSOR]: (a) =>
    a.t === undefined ? { type: "opaque", value: a } : { type: "tensor", value: readTensor(a.t) },
  [AttributeType.GRAPH]: (a) =>
    a.g === undefined ? { type: "opaque", value: a } : { type: "graph", value: readGraph(a.g) },
};

type Kind = Exclude<Attribute["type"], "opaque" | "reference">;

const KINDS: { readonly [type: number]: Kind } = {
  [AttributeType.INT]: "int",
  [AttributeType.INTS]: "ints",
  [AttributeType.FLOAT]: "float",
  [AttributeType.FLOATS]: "floats",
  [AttributeType.STRING]: "string",
  [AttributeType.STRINGS]: "strings",
  [AttributeType.TENSOR]: "tensor",
  [AttributeType.GRAPH]: "graph",
};

/** The message an attribute was read from, for its doc string and unknown fields. */
const messageOfAttribute = new WeakMap<Attribute, AttributeProto>();

export const messageOf = (attribute: Attribute): AttributeProto | undefined =>
  messageOfAttribute.get(attribute);

function readAttribute(proto: AttributeProto): Attribute {
  const attribute: Attribute =
    proto.refAttrName === ""
      ? (READERS[proto.type]?.(proto) ?? { type: "opaque", value: proto })
      : { type: "reference", value: proto.refAttrName, kind: KINDS[proto.type], source: proto };
  messageOfAttribute.set(attribute, proto);
  return attribute;
}
