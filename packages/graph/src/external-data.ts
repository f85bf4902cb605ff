// ONNX external data: weights in files beside the model, given as location, offset and length (onnx/docs/ExternalData.md).
// No file system here: reading is done by a function that the caller hands in, writing gives bytes to be written.
import { ModelError } from "./errors.ts";
import type { Attribute, Graph, Model, Node } from "./model.ts";
import { type ExternalBytes, isExternal, type Tensor } from "./tensor.ts";

/** Reads a range of a file in the model's folder; `location` is a checked relative path with `/`. */
export type ReadRange = (at: ExternalBytes) => Promise<Uint8Array>;

/** ONNX Runtime takes locations such as this as addresses in memory, which no file may name. */
const IN_MEMORY = /^\*\/|_ORT_MEM_ADDR_/;

/**
 * A location from a file as a relative path without `.` and `..`.
 * @throws ModelError `unsafe-location` for absolute paths, paths out of the model's folder and addresses in memory
 */
export function checkLocation(location: string, where: string): string {
  const refuse = (why: string): never => {
    throw new ModelError("unsafe-location", `external data at ${JSON.stringify(location)} ${why}.`, {
      where,
      hint: "External data must lie in the model's folder.",
    });
  };
  const path = location.replaceAll("\\", "/");
  if (IN_MEMORY.test(path)) refuse("is an address in memory");
  if (path.startsWith("/") || /^[A-Za-z]:/.test(path)) refuse("is an absolute path");
  if (path.includes("\0")) refuse("is no path");
  const steps: string[] = [];
  for (const step of path.split("/")) {
    if (step === "" || step === ".") continue;
    if (step === ".." && steps.pop() === undefined) refuse("leads out of the model's folder");
    if (step !== "..") steps.push(step);
  }
  if (steps.length === 0) refuse("is no path");
  return steps.join("/");
}

/** Every tensor whose bytes lie outside the model, sub-graphs and attributes included, with a name for messages. */
export function externalTensors(model: Model): { name: string; tensor: Tensor & { data: ExternalBytes } }[] {
  const found: { name: string; tensor: Tensor & { data: ExternalBytes } }[] = [];
  mapTensors(model, (name, tensor) => {
    if (isExternal(tensor)) found.push({ name, tensor });
    return tensor;
  });
  return found;
}

/** Where bytes that were read from external data came from, so that a derived graph can point there again. */
const originOfBytes = new WeakMap<Uint8Array, ExternalBytes>();

export const externalOrigin = (bytes: Uint8Array): ExternalBytes | undefined => originOfBytes.get(bytes);

/**
 * Reads external tensors: those that `wanted` says yes to (all without it). Bytes are read once each, one after another.
 * @throws ModelError `truncated-external-data` when `read` gives fewer bytes than the tensor needs
 */
export async function loadExternalTensors(
  model: Model,
  read: ReadRange,
  wanted: (name: string, tensor: Tensor) => boolean = () => true,
): Promise<Model> {
  const bytesOf = new Map<Tensor, Uint8Array>();
  for (const { name, tensor } of externalTensors(model)) {
    if (bytesOf.has(tensor) || !wanted(name, tensor)) continue;
    const bytes = await read(tensor.data);
    if (bytes.byteLength !== tensor.data.length) throw truncatedExternal(name, tensor.data, bytes.byteLength);
    originOfBytes.set(bytes, tensor.data);
    bytesOf.set(tensor, bytes);
  }
  if (bytesOf.size === 0) return model;
  return mapTensors(model, (_, tensor) => {
    const data = bytesOf.get(tensor);
    return data === undefined ? tensor : { ...tensor, data };
  });
}

/** The model with other names for the files that its external tensors lie in. */
export const renameLocations = (model: Model, rename: (location: string) => string): Model =>
  mapTensors(model, (_, tensor) => {
    if (!isExternal(tensor)) return tensor;
    const location = rename(tensor.data.location);
    return location === tensor.data.location ? tensor : { ...tensor, data: { ...tensor.data, location } };
  });

/** The error of a tensor whose file ends before its bytes do. */
export const truncatedExternal = (name: string, at: ExternalBytes, got: number): ModelError =>
  new ModelError(
    "truncated-external-data",
    `external data "${at.location}" should hold ${at.length} bytes at ${at.offset}, got ${got}.`,
    { where: `tensor "${name}"`, hint: "Copy or export the model and its data again." },
  );

type MapTensor = (name: string, tensor: Tensor) => Tensor;

/** Applies `map` to every tensor; what holds no changed tensor stays the same object. */
function mapTensors(model: Model, map: MapTensor): Model {
  const graph = mapGraph(model.graph, map);
  const functions = mapArray(model.functions, (fn) => {
    const nodes = mapArray(fn.nodes, (node) => mapNode(node, map));
    return nodes === fn.nodes ? fn : { ...fn, nodes };
  });
  return graph === model.graph && functions === model.functions ? model : { ...model, graph, functions };
}

function mapGraph(graph: Graph, map: MapTensor): Graph {
  let changed = false;
  const initializers = new Map<string, Tensor>();
  for (const [name, tensor] of graph.initializers) {
    const mapped = map(name, tensor);
    changed ||= mapped !== tensor;
    initializers.set(name, mapped);
  }
  const nodes = mapArray(graph.nodes, (node) => mapNode(node, map));
  if (!changed && nodes === graph.nodes) return graph;
  return { ...graph, nodes, initializers: changed ? initializers : graph.initializers };
}

function mapNode(node: Node, map: MapTensor): Node {
  const entries = Object.entries(node.attributes);
  const mapped = mapArray(entries, (entry): [string, Attribute] => {
    const attribute = mapAttribute(entry[1], node.outputs[0] ?? node.name, map);
    return attribute === entry[1] ? entry : [entry[0], attribute];
  });
  return mapped === entries ? node : { ...node, attributes: Object.fromEntries(mapped) };
}

function mapAttribute(attribute: Attribute, name: string, map: MapTensor): Attribute {
  if (attribute.type === "tensor") {
    const value = map(name, attribute.value);
    return value === attribute.value ? attribute : { type: "tensor", value };
  }
  if (attribute.type === "graph") {
    const value = mapGraph(attribute.value, map);
    return value === attribute.value ? attribute : { type: "graph", value };
  }
  return attribute;
}

function mapArray<T>(items: readonly T[], map: (item: T) => T): readonly T[] {
  const mapped = items.map(map);
  return mapped.every((item, i) => item === items[i]) ? items : mapped;
}

/** Bytes in memory, or bytes that whoever writes them has to read from the model's external data. */
export type Piece = Uint8Array | ExternalBytes;

/** A model whose large initializers were moved into a file of their own (`externalizeWeights`), and what that file holds. */
export interface Externalized {
  /** The model with its large initializers pointing to `location`. */
  readonly model: Model;
  /** What the file `location` holds, piece after piece, padding included. */
  readonly pieces: readonly Piece[];
}

/** Whole pages let a runtime map a weight; smaller ones are aligned for vector instructions. */
const PAGE = 4096;
const SMALL_ALIGNMENT = 64;
const PAGE_WORTHY = 1 << 20;

/**
 * Moves initializers of the main graph into a file of their own.
 * @param location name of that file, relative to the model's folder
 * @param minBytes smaller ones stay in the model
 */
export function externalizeWeights(model: Model, location: string, minBytes = 1024): Externalized {
  const initializers = new Map(model.graph.initializers);
  const pieces: Piece[] = [];
  let at = 0;
  for (const [name, tensor] of model.graph.initializers) {
    const length = tensor.data instanceof Uint8Array ? tensor.data.byteLength : tensor.data.length;
    if (tensor.strings !== undefined || length < minBytes) continue;
    const alignment = length >= PAGE_WORTHY ? PAGE : SMALL_ALIGNMENT;
    const offset = Math.ceil(at / alignment) * alignment;
    if (offset > at) pieces.push(new Uint8Array(offset - at));
    pieces.push(tensor.data);
    initializers.set(name, { ...tensor, data: { location, offset, length } });
    at = offset + length;
  }
  return { model: { ...model, graph: { ...model.graph, initializers } }, pieces };
}
