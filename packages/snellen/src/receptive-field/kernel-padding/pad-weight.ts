// Puts zeros behind a convolution's weight, wherever the weight comes from: at its constant where only this weight comes from
// it, at a copy of it where others read it too, behind it where it is computed.
import {
  attr,
  type DataType,
  makeNode,
  type Node,
  opsetOf,
  type Tensor,
  tensorNumbers,
} from "@snellen/graph";
import { constantOfNode, type GraphEdit } from "./graph-edit.ts";
import { filledTensor, padTensor, type ZeroPoints } from "./pad-tensor.ts";

/** A value that is wanted longer. */
export interface PadRequest {
  readonly value: string;
  /** Places behind the last one, per axis. */
  readonly added: readonly number[];
  /** Value that holds what stands for zero in quantized numbers, and the axis it runs along. */
  readonly zero?: { readonly value: string; readonly axis: number };
}

export interface PaddedWeight {
  /** Name of the longer value. */
  readonly value: string;
  /** Whether it is a copy, as others read the shorter one. */
  readonly copied: boolean;
}

export interface WeightPadder {
  /**
   * Makes the longer value known to the node at `place`; equal requests are served once.
   * @returns a reason where that cannot be done
   */
  pad(request: PadRequest, place: number): PaddedWeight | { readonly reason: string };
}

/** Type of a value where it is known. */
export type TypeOf = (
  value: string,
) => { readonly dataType: DataType; readonly dims: readonly number[] } | undefined;

const keyOf = ({ value, added, zero }: PadRequest): string =>
  `${value}\n${added}\n${zero?.value ?? ""}\n${zero?.axis ?? ""}`;

/** @param all every request to come: a value that only they read may change in place */
export function createWeightPadder(
  edit: GraphEdit,
  all: readonly PadRequest[],
  typeOf: TypeOf,
): WeightPadder {
  const asked = new Map<string, number>();
  for (const request of all) asked.set(keyOf(request), (asked.get(keyOf(request)) ?? 0) + 1);
  const served = new Map<string, PaddedWeight | { readonly reason: string }>();
  return {
    pad(request, place) {
      const key = keyOf(request);
      const isAlone = asked.get(key) === edit.uses(request.value);
      const result = served.get(key) ?? padValue(edit, request, { place, isAlone, typeOf });
      served.set(key, result);
      return result;
    },
  };
}

interface Position {
  /** New nodes go in front of the node here. */
  readonly place: number;
  /** Whether nobody reads the value who does not want it longer. */
  readonly isAlone: boolean;
  readonly typeOf: TypeOf;
}

function padValue(edit: GraphEdit, request: PadRequest, at: Position): ReturnType<WeightPadder["pad"]> {
  const zeros = zerosOf(edit, request);
  if (zeros === "computed") return { reason: "its zero point is computed." };
  const { value, added } = request;
  const tensor = edit.initializers.get(value);
  if (tensor !== undefined) return padInitializer(edit, value, padTensor(tensor, added, zeros), at.isAlone);
  const maker = edit.placeOf(value);
  const node = maker === undefined ? undefined : edit.nodes[maker];
  if (maker !== undefined && node !== undefined) {
    const constant = constantOfNode(node);
    if (constant !== undefined)
      return padConstant(edit, node, maker, padTensor(constant, added, zeros), at.isAlone);
    const inner = requestBefore(edit, node, request);
    const isAlone = at.isAlone && edit.uses(inner?.value ?? "") === 1;
    const source = inner === undefined ? undefined : padValue(edit, inner, { ...at, isAlone });
    if (source !== undefined && "value" in source) return passOn(edit, node, maker, source.value, at);
  }
  return joinZeros(edit, request, zeros, at);
}

function padInitializer(edit: GraphEdit, value: string, tensor: Tensor, isAlone: boolean): PaddedWeight {
  const name = isAlone ? value : edit.freshName(`${value}_padded`);
  edit.initializers.set(name, tensor);
  if (isAlone) edit.resized.add(name);
  return { value: name, copied: !isAlone };
}

function padConstant(edit: GraphEdit, node: Node, place: number, tensor: Tensor, isAlone: boolean) {
  const [value = ""] = node.outputs;
  if (!isAlone) return padInitializer(edit, value, tensor, false);
  const attributes = { ...node.attributes, value: { type: "tensor", value: tensor } as const };
  edit.nodes[place] = { ...node, attributes };
  edit.resized.add(value);
  return { value, copied: false };
}

/** The node between a longer source and the weight: itself, or a copy of it where others read what it makes. */
function passOn(edit: GraphEdit, node: Node, maker: number, source: string, at: Position): PaddedWeight {
  const inputs = [source, ...node.inputs.slice(1)];
  const [value = ""] = node.outputs;
  if (at.isAlone) {
    if (source !== node.inputs[0]) edit.nodes[maker] = { ...node, inputs };
    edit.resized.add(value);
    return { value, copied: false };
  }
  const name = edit.freshName(`${value}_padded`);
  insert(edit, at.place, { ...node, name, inputs, outputs: [name] });
  return { value: name, copied: true };
}

/**
 * Zeros behind a computed value, joined to it axis by axis. No Pad node: ONNX Runtime takes one in front of a convolution for
 * padding of the image, even where it leads to the weight. ONNX: Concat (4).
 */
function joinZeros(
  edit: GraphEdit,
  { value, added }: PadRequest,
  zeros: ZeroPoints | undefined,
  at: Position,
) {
  const type = at.typeOf(value);
  if (type === undefined || opsetOf(edit.model) < 4)
    return { reason: "its weight is computed, and of unknown shape: give --size HxW." };
  const dims = [...type.dims];
  let name = value;
  added.forEach((count, axis) => {
    if (count === 0) return;
    const sizes = dims.map((size, i) => (i === axis ? count : size));
    const strip = edit.freshName(`${value}_zeros`);
    edit.initializers.set(strip, filledTensor(type.dataType, sizes, zeros));
    const longer = edit.freshName(`${value}_padded`);
    insert(
      edit,
      at.place,
      makeNode("Concat", [name, strip], [longer], { name: longer, attributes: { axis } }),
    );
    dims[axis] = (dims[axis] as number) + count;
    name = longer;
  });
  return { value: name, copied: false };
}

function insert(edit: GraphEdit, place: number, node: Node): void {
  edit.before.set(place, [...(edit.before.get(place) ?? []), node]);
}

function zerosOf(edit: GraphEdit, { zero }: PadRequest): ZeroPoints | undefined | "computed" {
  if (zero === undefined) return undefined;
  const tensor = edit.constant(zero.value);
  return tensor === undefined ? "computed" : { values: tensorNumbers(tensor), axis: zero.axis };
}

/** What a node needs of its first input so that its output is longer; undefined where that does not do. */
function requestBefore(edit: GraphEdit, node: Node, request: PadRequest): PadRequest | undefined {
  return node.domain === "" ? BEFORE[node.opType]?.(edit, node, request) : undefined;
}

/** Operators between a stored weight and a convolution. Each keeps zero where it was. */
const BEFORE: Readonly<
  Record<string, (edit: GraphEdit, node: Node, request: PadRequest) => PadRequest | undefined>
> = {
  Identity: (_, node, request) => ({ ...request, value: node.inputs[0] as string }),
  Cast: (_, node, request) =>
    request.zero === undefined ? { ...request, value: node.inputs[0] as string } : undefined,
  Transpose: (_, node, { added, zero }) => {
    const order = attr.ints(node, "perm") ?? added.map((_, i) => added.length - 1 - i);
    return {
      value: node.inputs[0] as string,
      added: added.map((_, axis) => added[order.indexOf(axis)] as number),
      ...(zero && { zero: { ...zero, axis: order[zero.axis] as number } }),
    };
  },
  DequantizeLinear: (edit, node, { added, zero }) => {
    const [value = "", , zeros = ""] = node.inputs;
    const axis = quantizedAxis(edit, node, added);
    if (zero !== undefined || axis === undefined) return undefined;
    return zeros === "" ? { value, added } : { value, added, zero: { value: zeros, axis } };
  },
  QuantizeLinear: (edit, node, { added, zero }) => {
    const [value = "", , zeros = ""] = node.inputs;
    const isItsZero = zeros === (zero?.value ?? "");
    return isItsZero && quantizedAxis(edit, node, added) !== undefined ? { value, added } : undefined;
  },
};

/** The axis that scales and zero points run along; undefined where it grows or they run along blocks of it. */
function quantizedAxis(edit: GraphEdit, node: Node, added: readonly number[]): number | undefined {
  const given = attr.int(node, "axis", 1);
  const axis = given < 0 ? given + added.length : given;
  const scale = edit.constant(node.inputs[1] ?? "");
  const isOne = scale?.dims.every((size) => size === 1);
  if (attr.int(node, "block_size", 0) !== 0) return undefined;
  return isOne || added[axis] === 0 ? axis : undefined;
}

/** The constants that `padValue` reads for a request, so that whoever keeps weights on disk can read them before. */
export function constantsBehind(edit: GraphEdit, request: PadRequest): readonly Tensor[] {
  const own = edit.constant(request.value);
  const zeros = request.zero === undefined ? undefined : edit.constant(request.zero.value);
  const found = [own, zeros].filter((tensor) => tensor !== undefined);
  const node = edit.nodes[edit.placeOf(request.value) ?? -1];
  const inner = node === undefined ? undefined : requestBefore(edit, node, request);
  return inner === undefined ? found : [...found, ...constantsBehind(edit, inner)];
}
