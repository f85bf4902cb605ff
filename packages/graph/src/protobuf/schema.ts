// ONNX's protobuf schema (1.20, by onnx-buf) with one change: TensorProto's typed data fields (float_data, int32_data, …) are
// left out, so that protobuf-es hands them over as unknown fields. They then stay views into the file instead of becoming
// arrays of JavaScript numbers or bigints (up to 32 bytes for a stored byte), and are written back untouched.
import { createFileRegistry } from "@bufbuild/protobuf";
import type { GenMessage } from "@bufbuild/protobuf/codegenv2";
import {
  type AttributeProto,
  type FunctionProto,
  file_onnx,
  type GraphProto,
  type ModelProto,
  type NodeProto,
  type TensorProto as OnnxTensorProto,
} from "onnx-buf";

/** Field numbers of the typed data fields, onnx.proto, TensorProto. */
export const TYPED_DATA = { float: 4, int32: 5, int64: 7, double: 10, uint64: 11 } as const;

type TypedDataName = "floatData" | "int32Data" | "int64Data" | "doubleData" | "uint64Data";
export type TensorProto = Omit<OnnxTensorProto, TypedDataName>;

/** A copy that keeps the prototype, where protobuf-es holds the defaults of absent fields. */
export function copyMessage<T extends object>(message: T, changes: Partial<T> = {}): T {
  return Object.assign(Object.create(Object.getPrototypeOf(message)), message, changes);
}

function withoutTypedData() {
  const removed: readonly number[] = Object.values(TYPED_DATA);
  const file = file_onnx.proto;
  const messageType = file.messageType.map((message) =>
    message.name === "TensorProto"
      ? copyMessage(message, { field: message.field.filter((f) => !removed.includes(f.number)) })
      : message,
  );
  return createFileRegistry(copyMessage(file, { messageType }), () => undefined);
}

const registry = withoutTypedData();

const schemaOf = <T extends { $typeName: string }>(name: T["$typeName"]) =>
  registry.getMessage(name) as unknown as GenMessage<T & { $typeName: T["$typeName"] }>;

export const ModelSchema = schemaOf<ModelProto>("onnx.ModelProto");
export const GraphSchema = schemaOf<GraphProto>("onnx.GraphProto");
export const NodeSchema = schemaOf<NodeProto>("onnx.NodeProto");
export const AttributeSchema = schemaOf<AttributeProto>("onnx.AttributeProto");
export const FunctionSchema = schemaOf<FunctionProto>("onnx.FunctionProto");
export const TensorSchema = schemaOf<OnnxTensorProto>("onnx.TensorProto");
