// A model message as a list of byte pieces, in which large tensors are views instead of copies: writing a model of 350 MB takes
// no more memory than its graph does.
import { create, type DescMessage, type Message, toBinary } from "@bufbuild/protobuf";
import { TensorProto_DataLocation as DataLocation } from "onnx-buf";
import type { Piece } from "../external-data.ts";
import type { ExternalBytes } from "../tensor.ts";
import {
  AttributeSchema,
  copyMessage,
  FunctionSchema,
  GraphSchema,
  ModelSchema,
  NodeSchema,
  type TensorProto,
  TensorSchema,
} from "./schema.ts";

export const pieceLength = (piece: Piece): number =>
  piece instanceof Uint8Array ? piece.byteLength : piece.length;

const totalLength = (pieces: readonly Piece[]): number => pieces.reduce((n, p) => n + pieceLength(p), 0);

/** Contents of at least this many bytes become a piece of their own. */
export const LARGE = 1024;

interface Child {
  readonly number: number;
  readonly field: string;
  readonly schema: DescMessage;
  readonly isList: boolean;
}

/** Where large tensors may lie: fields of onnx.proto by message. */
const CHILDREN: { readonly [message: string]: readonly Child[] } = {
  "onnx.ModelProto": [
    { number: 7, field: "graph", schema: GraphSchema, isList: false },
    { number: 25, field: "functions", schema: FunctionSchema, isList: true },
  ],
  "onnx.FunctionProto": [{ number: 7, field: "node", schema: NodeSchema, isList: true }],
  "onnx.GraphProto": [
    { number: 1, field: "node", schema: NodeSchema, isList: true },
    { number: 5, field: "initializer", schema: TensorSchema, isList: true },
  ],
  "onnx.NodeProto": [{ number: 5, field: "attribute", schema: AttributeSchema, isList: true }],
  "onnx.AttributeProto": [
    { number: 5, field: "t", schema: TensorSchema, isList: false },
    { number: 6, field: "g", schema: GraphSchema, isList: false },
    { number: 10, field: "tensors", schema: TensorSchema, isList: true },
    { number: 11, field: "graphs", schema: GraphSchema, isList: true },
  ],
};

type AnyMessage = Message & { [field: string]: unknown };

export interface PieceOptions {
  /** Gives the place of an external tensor whose bytes shall be written into the model itself. */
  readonly inline?: (tensor: TensorProto) => ExternalBytes | undefined;
}

/** The file of a model message, piece after piece. */
export function piecesOfModel(model: Message, options: PieceOptions = {}): Piece[] {
  return writePieces(ModelSchema, model as AnyMessage, options).filter((piece) => pieceLength(piece) > 0);
}

const childrenIn = (message: AnyMessage, child: Child): AnyMessage[] => {
  const held = message[child.field];
  if (held === undefined) return [];
  return child.isList ? (held as AnyMessage[]) : [held as AnyMessage];
};

/** True when a message holds, at any depth, contents that deserve a piece of their own. */
function isHeavy(message: AnyMessage, options: PieceOptions): boolean {
  if (message.$typeName === "onnx.TensorProto") {
    const tensor = message as unknown as TensorProto;
    if (options.inline !== undefined && tensor.dataLocation === DataLocation.EXTERNAL) return true;
    return tensor.rawData.byteLength >= LARGE || largeUnknown(tensor).length > 0;
  }
  const children = CHILDREN[message.$typeName] ?? [];
  return children.some((c) => childrenIn(message, c).some((m) => isHeavy(m, options)));
}

const largeUnknown = (message: Message) => (message.$unknown ?? []).filter((u) => u.data.byteLength >= LARGE);

/** What is light in one piece, then the fields that hold something heavy; light neighbours of a list share a piece. */
function writePieces(schema: DescMessage, message: AnyMessage, options: PieceOptions): Piece[] {
  if (schema === TensorSchema) return tensorPieces(message as unknown as TensorProto, options);
  const heavy = (CHILDREN[schema.typeName] ?? []).filter((c) =>
    childrenIn(message, c).some((m) => isHeavy(m, options)),
  );
  const emptied = Object.fromEntries(heavy.map((c) => [c.field, c.isList ? [] : undefined]));
  const pieces: Piece[] = [toBinary(schema, copyMessage(message, emptied))];
  for (const child of heavy) {
    let light: AnyMessage[] = [];
    const flush = () => {
      if (light.length > 0) pieces.push(toBinary(schema, create(schema, { [child.field]: light })));
      light = [];
    };
    for (const item of childrenIn(message, child)) {
      if (!isHeavy(item, options)) {
        light.push(item);
        continue;
      }
      flush();
      pieces.push(...lengthPrefixed(child.number, writePieces(child.schema, item, options)));
    }
    flush();
  }
  return pieces;
}

const RAW_DATA = 9;

function tensorPieces(tensor: TensorProto, options: PieceOptions): Piece[] {
  const outside = options.inline?.(tensor);
  const raw: Piece = outside ?? tensor.rawData;
  const large = largeUnknown(tensor);
  const header = copyMessage(tensor as object, {
    ...(pieceLength(raw) > 0 && { rawData: undefined }),
    ...(large.length > 0 && { $unknown: tensor.$unknown?.filter((u) => !large.includes(u)) }),
    ...(outside && { dataLocation: undefined, externalData: [] }),
  });
  const pieces: Piece[] = [toBinary(TensorSchema, header as never)];
  if (pieceLength(raw) > 0) pieces.push(...lengthPrefixed(RAW_DATA, [raw]));
  for (const { no, wireType, data } of large) pieces.push(tag(no, wireType), data);
  return pieces;
}

const tag = (number: number, wireType: number): Uint8Array =>
  Uint8Array.from(varint((number << 3) | wireType));

/** A field with its content's length before it. */
function lengthPrefixed(number: number, content: readonly Piece[]): Piece[] {
  const prefix = [...varint((number << 3) | 2), ...varint(totalLength(content))];
  return [Uint8Array.from(prefix), ...content];
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
