// The ONNX model as TypeScript data. Everything here is immutable by convention: passes return new objects that share what
// they did not change, so a derived graph (gradient, tail, repaired model) costs little beside its parent.
import type { DataType } from "./data-type.ts";
import { InternalError, ModelError } from "./errors.ts";
import { type Tensor, toNumber } from "./tensor.ts";

/** One dimension of a declared type: a number, a symbol such as `batch`, or nothing known. */
export type DeclaredDim = number | string | undefined;

/** A declared graph input, output or intermediate value. `dataType` is undefined for sequences, maps and optionals. */
export interface ValueInfo {
  readonly name: string;
  readonly dataType: DataType | undefined;
  /** Undefined when the file states no shape. */
  readonly dims: readonly DeclaredDim[] | undefined;
  /** The message it was read from. */
  readonly source?: unknown;
}

/** A node's attribute with its kind. Integers are bigints, as the file's int64 are. */
export type Attribute =
  | { readonly type: "int"; readonly value: bigint }
  | { readonly type: "ints"; readonly value: readonly bigint[] }
  | { readonly type: "float"; readonly value: number }
  | { readonly type: "floats"; readonly value: readonly number[] }
  | { readonly type: "string"; readonly value: string }
  | { readonly type: "strings"; readonly value: readonly string[] }
  | { readonly type: "tensor"; readonly value: Tensor }
  | { readonly type: "graph"; readonly value: Graph }
  /** Kinds that no part of ours reads (type_proto, sparse tensors, …): carried through unchanged. */
  | { readonly type: "opaque"; readonly value: unknown }
  /** Inside a local function: a reference to the caller's attribute of this name. */
  | {
      readonly type: "reference";
      readonly value: string;
      readonly kind?: "int" | "ints" | "float" | "floats" | "string" | "strings" | "tensor" | "graph";
      readonly source?: unknown;
    };

/** One call of an operator: values that it reads, values that it computes, attributes. */
export interface Node {
  readonly name: string;
  readonly opType: string;
  /** "" for the standard operators (also written `ai.onnx`). */
  readonly domain: string;
  /** Value names; "" stands for an absent optional input. */
  readonly inputs: readonly string[];
  readonly outputs: readonly string[];
  readonly attributes: Readonly<Record<string, Attribute>>;
  /** Which of several local functions of one name is called; absent for "". */
  readonly overload?: string;
  /** The message it was read from. */
  readonly source?: unknown;
}

/** Nodes, what goes in and out, and the constants between; a whole model's, or the body of a control-flow node. */
export interface Graph {
  readonly name: string;
  readonly inputs: readonly ValueInfo[];
  readonly outputs: readonly ValueInfo[];
  /** In topological order. */
  readonly nodes: readonly Node[];
  readonly initializers: ReadonlyMap<string, Tensor>;
  /** Types of values in between, as far as the file declares them. */
  readonly valueInfo: readonly ValueInfo[];
  /** The message it was read from. */
  readonly source?: unknown;
}

/** A model-local function (ONNX FunctionProto); `passes/inline-functions.ts` removes them. */
export interface LocalFunction {
  readonly name: string;
  readonly domain: string;
  readonly overload: string;
  readonly inputs: readonly string[];
  readonly outputs: readonly string[];
  readonly attributeNames: readonly string[];
  readonly attributeDefaults: Readonly<Record<string, Attribute>>;
  readonly nodes: readonly Node[];
  /** Operator set versions that its nodes are written for. */
  readonly opsets: ReadonlyMap<string, number>;
  readonly source?: unknown;
}

/** An ONNX model as data: its graph, the operator sets that it is written for, and what it says about itself. */
export interface Model {
  readonly irVersion: number;
  /** Operator set version by domain; "" is the standard one. */
  readonly opsets: ReadonlyMap<string, number>;
  readonly graph: Graph;
  readonly functions: readonly LocalFunction[];
  /** What the file says beside its graph, by key (`metadata_props`). */
  readonly metadata: ReadonlyMap<string, string>;
  /** The program that wrote it; "" where it does not say. */
  readonly producer: string;
  /** The file's own bytes: initializers that are views into them can be written as references into the file. */
  readonly bytes?: Uint8Array;
  readonly source?: unknown;
}

/** The version of the standard operator set that the model asks for. */
export const opsetOf = (model: Model): number => model.opsets.get("") ?? 1;

/** `Conv "conv1"`: how errors name a node. */
export const describeNode = (node: Node): string => {
  const op = node.domain === "" ? node.opType : `${node.domain}::${node.opType}`;
  return node.name === "" ? `${op} -> "${node.outputs[0] ?? ""}"` : `${op} "${node.name}"`;
};

/** How tables name a node: by its name, or by what it computes. */
export const nodeTitle = (node: Node): string => node.name || (node.outputs[0] ?? describeNode(node));

/** Readers of a node's attributes: `attr.int(node, "axis", 0)`; without a default, absence is an error naming the node. */
export const attr = {
  has: (node: Node, name: string): boolean => node.attributes[name] !== undefined,
  int: (node: Node, name: string, orElse?: number): number =>
    orElse !== undefined && !attr.has(node, name) ? orElse : toNumber(read(node, name, "int")),
  ints: (node: Node, name: string): number[] | undefined =>
    attr.has(node, name) ? read(node, name, "ints").map(toNumber) : undefined,
  float: (node: Node, name: string, orElse?: number): number =>
    orElse !== undefined && !attr.has(node, name) ? orElse : read(node, name, "float"),
  floats: (node: Node, name: string): readonly number[] | undefined =>
    attr.has(node, name) ? read(node, name, "floats") : undefined,
  string: (node: Node, name: string, orElse?: string): string =>
    orElse !== undefined && !attr.has(node, name) ? orElse : read(node, name, "string"),
  tensor: (node: Node, name: string): Tensor => read(node, name, "tensor"),
  graph: (node: Node, name: string): Graph => read(node, name, "graph"),
};

type ValueOf<T extends Attribute["type"]> = Extract<Attribute, { type: T }>["value"];

function read<T extends Attribute["type"]>(node: Node, name: string, type: T): ValueOf<T> {
  const found = node.attributes[name];
  if (found === undefined) {
    throw new ModelError("missing-attribute", `attribute "${name}" is missing.`, {
      where: describeNode(node),
    });
  }
  if (found.type !== type) {
    throw new ModelError("wrong-attribute", `attribute "${name}" is ${found.type}, expected ${type}.`, {
      where: describeNode(node),
    });
  }
  return found.value as ValueOf<T>;
}

/** A plain JavaScript value as an attribute: integers become int, other numbers need `{ float }` to be told apart. */
export type AttributeLiteral =
  | number
  | bigint
  | string
  | readonly number[]
  | { readonly float: number }
  | { readonly floats: readonly number[] }
  | Attribute;

/**
 * An attribute from a plain JavaScript value.
 * @throws InternalError for a number that is no integer; floats are written `{ float }`
 */
export function toAttribute(value: AttributeLiteral): Attribute {
  if (typeof value === "bigint") return { type: "int", value };
  if (typeof value === "number") {
    if (!Number.isInteger(value))
      throw new InternalError(`attribute ${value} is not an integer; write { float: ${value} }`);
    return { type: "int", value: BigInt(value) };
  }
  if (typeof value === "string") return { type: "string", value };
  if (Array.isArray(value)) return { type: "ints", value: value.map((v: number) => BigInt(v)) };
  if ("float" in value) return { type: "float", value: value.float };
  if ("floats" in value) return { type: "floats", value: value.floats };
  return value as Attribute;
}

/** Attribute record from literals; entries that are undefined are left out. */
export function toAttributes(
  values: Readonly<Record<string, AttributeLiteral | undefined>>,
): Record<string, Attribute> {
  const entries = Object.entries(values).filter(([, v]) => v !== undefined);
  return Object.fromEntries(entries.map(([k, v]) => [k, toAttribute(v as AttributeLiteral)]));
}

/** What a new node may have beside operator, inputs and outputs; default: no name, the standard domain, no attributes. */
export interface NodeInit {
  readonly name?: string;
  readonly domain?: string;
  readonly attributes?: Readonly<Record<string, AttributeLiteral | undefined>>;
}

/** Makes a node; attributes as literals. */
export function makeNode(
  opType: string,
  inputs: readonly string[],
  outputs: readonly string[],
  init: NodeInit = {},
): Node {
  return {
    name: init.name ?? "",
    opType,
    domain: init.domain ?? "",
    inputs,
    outputs,
    attributes: toAttributes(init.attributes ?? {}),
  };
}

/** Sub-graphs of a control-flow node (If, Loop, Scan). */
export function subgraphsOf(node: Node): readonly Graph[] {
  let graphs: Graph[] | undefined;
  for (const name in node.attributes) {
    const attribute = node.attributes[name];
    if (attribute?.type === "graph") (graphs ??= []).push(attribute.value);
  }
  return graphs ?? NO_GRAPHS;
}

const NO_GRAPHS: readonly Graph[] = [];

/** Names a node reads, those captured by its sub-graphs included. */
export function valuesReadBy(node: Node): readonly string[] {
  const graphs = subgraphsOf(node);
  if (graphs.length === 0 && !node.inputs.includes("")) return node.inputs;
  return [...node.inputs.filter((name) => name !== ""), ...graphs.flatMap(capturedBy)];
}

/** Outer values that a sub-graph reads. */
export function capturedBy(graph: Graph): string[] {
  const inner = new Set<string>([...graph.inputs.map((v) => v.name), ...graph.initializers.keys()]);
  const captured: string[] = [];
  for (const node of graph.nodes) {
    for (const name of valuesReadBy(node)) if (!inner.has(name)) captured.push(name);
    for (const name of node.outputs) inner.add(name);
  }
  for (const { name } of graph.outputs) if (!inner.has(name)) captured.push(name);
  return captured;
}

/** A graph with fields replaced; every other field is shared. */
export const withGraph = (model: Model, changes: Partial<Graph>): Model => ({
  ...model,
  graph: { ...model.graph, ...changes },
});
