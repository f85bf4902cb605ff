// Models from ONNX's text syntax (onnx/docs/Syntax.md), so that tests read as small models. `print.ts` writes the same syntax.
// One difference: float16 and bfloat16 literals are numbers here, bit patterns in onnx's own parser.
import { type DataType, dataTypes } from "./data-type.ts";
import { ModelError } from "./errors.ts";
import type { Attribute, DeclaredDim, Graph, LocalFunction, Model, Node, ValueInfo } from "./model.ts";
import { elementCount, makeTensor, type Tensor } from "./tensor.ts";
import { makeScanner, type NumberToken, type Scanner } from "./text-scanner.ts";

/** The text syntax has C's names for two of the types. */
const TYPE_OF_WORD: ReadonlyMap<string, DataType> = new Map([
  ...dataTypes.filter((t) => t !== "float32" && t !== "float64").map((t) => [t, t] as const),
  ["float", "float32"],
  ["double", "float64"],
]);

const DEFAULT_IR_VERSION = 10;
const DEFAULT_OPSET = 20;

/**
 * Parses a model, or a bare graph (then ir_version 10 and opset 20):
 * `agraph (float[N,3] x) => (float[N,2] y) <float[3,2] w = {1,2,3,4,5,6}> { y = MatMul (x, w) }`.
 * Names other than words are quoted: `"layer1.0/Conv"`; `[label]` before a node is its name.
 * @throws ModelError `bad-graph-text` with line and column
 */
export function parseGraphText(text: string): Model {
  const s = makeScanner(text);
  const header = s.sees("<") ? readHeader(s) : {};
  const graph = readGraph(s);
  const functions: LocalFunction[] = [];
  while (!s.atEnd()) functions.push(readFunction(s));
  return {
    irVersion: header.irVersion ?? DEFAULT_IR_VERSION,
    opsets: header.opsets ?? new Map([["", DEFAULT_OPSET]]),
    graph,
    functions,
    metadata: header.metadata ?? new Map(),
    producer: header.producer ?? "",
  };
}

interface Header {
  readonly irVersion?: number;
  readonly opsets?: ReadonlyMap<string, number>;
  readonly metadata?: ReadonlyMap<string, string>;
  readonly producer?: string;
  readonly domain?: string;
  readonly overload?: string;
}

const HEADER_FIELDS = new Map<string, (s: Scanner) => Header>([
  ["ir_version", (s) => ({ irVersion: integer(s) })],
  ["opset_import", (s) => ({ opsets: new Map(pairs(s, integer)) })],
  ["metadata_props", (s) => ({ metadata: new Map(pairs(s, quoted)) })],
  ["producer_name", (s) => ({ producer: quoted(s) })],
  ["domain", (s) => ({ domain: quoted(s) })],
  ["overload", (s) => ({ overload: quoted(s) })],
]);

function readHeader(s: Scanner): Header {
  const header: Header = {};
  s.expect("<");
  while (!s.takes(">")) {
    const read = HEADER_FIELDS.get(s.peekWord() ?? "") ?? s.fail(`one of ${[...HEADER_FIELDS.keys()]}`);
    s.word("a field");
    s.expect(":");
    Object.assign(header, read(s));
    if (!s.sees(">")) s.expect(",");
  }
  return header;
}

function pairs<T>(s: Scanner, value: (s: Scanner) => T): [string, T][] {
  s.expect("[");
  return list(s, "]", () => {
    const key = quoted(s);
    s.expect(":");
    return [key, value(s)];
  });
}

const quoted = (s: Scanner): string => s.string() ?? s.fail("a quoted string");

function integer(s: Scanner): number {
  const token = s.number();
  return token?.isInteger ? token.value : s.fail("an integer");
}

/** Items separated by commas up to the closing mark, which is consumed. */
function list<T>(s: Scanner, close: string, item: () => T): T[] {
  const items: T[] = [];
  while (!s.takes(close)) {
    items.push(item());
    if (!s.sees(close)) s.expect(",");
  }
  return items;
}

const name = (s: Scanner): string => s.string() ?? s.word("a name");

/** Names of a node's inputs or outputs; nothing between two commas is an absent value. */
function names(s: Scanner, close: string): string[] {
  const found: string[] = [];
  while (!s.takes(close)) {
    found.push(s.sees(",") ? "" : name(s));
    if (!s.sees(close)) s.expect(",");
  }
  return found;
}

function readGraph(s: Scanner): Graph {
  const graphName = name(s);
  const initializers = new Map<string, Tensor>();
  s.expect("(");
  const inputs = list(s, ")", () => readValue(s, initializers).info);
  s.expect("=>");
  s.expect("(");
  const outputs = list(s, ")", () => readValue(s, undefined).info);
  const listed = s.takes("<") ? list(s, ">", () => readValue(s, initializers)) : [];
  const valueInfo = listed.filter((v) => !v.isInitializer).map((v) => v.info);
  return { name: graphName, inputs, outputs, nodes: readNodes(s), initializers, valueInfo };
}

/** `float[N,3] x`, `x` without a type, or `float[2] w = {1, 2}` where initializers may stand. */
function readValue(s: Scanner, initializers: Map<string, Tensor> | undefined) {
  const type = typeAhead(s) ? readType(s) : { dataType: undefined, dims: undefined };
  const info: ValueInfo = { name: name(s), ...type };
  const isInitializer = initializers !== undefined && !s.sees("=>") && s.takes("=");
  if (isInitializer) initializers.set(info.name, readLiteral(s, type));
  return { info, isInitializer };
}

interface TensorType {
  readonly dataType: DataType | undefined;
  /** Undefined: `float[]`, rank unknown. */
  readonly dims: readonly DeclaredDim[] | undefined;
}

const typeAhead = (s: Scanner): boolean => TYPE_OF_WORD.has(s.peekWord() ?? "");

function readType(s: Scanner): TensorType {
  const dataType = TYPE_OF_WORD.get(s.peekWord() ?? "") ?? s.fail("an element type");
  s.word("an element type");
  if (!s.takes("[")) return { dataType, dims: [] };
  const dims = list(s, "]", (): DeclaredDim => {
    if (s.takes("?")) return undefined;
    return s.peekWord() === undefined ? (s.string() ?? integer(s)) : s.word("a dimension");
  });
  return { dataType, dims: dims.length === 0 ? undefined : dims };
}

function readLiteral(s: Scanner, type: TensorType): Tensor {
  if (type.dataType === undefined) return s.fail("a type before the value");
  const { dataType } = type;
  const dims = (type.dims ?? []).map((d) => (typeof d === "number" ? d : s.fail("constant dims")));
  s.expect("{");
  if (dataType === "string") {
    const strings = list(s, "}", () => new TextEncoder().encode(quoted(s)));
    return { dataType, dims, data: new Uint8Array(), strings };
  }
  const tokens = list(s, "}", () => s.number() ?? s.fail("a number"));
  if (tokens.length !== elementCount(dims)) {
    const what = `${tokens.length} values for ${dataType}[${dims}]`;
    throw new ModelError("bad-graph-text", `${what}; write ${elementCount(dims)}.`);
  }
  const isBig = dataType === "int64" || dataType === "uint64";
  return makeTensor(
    dataType,
    dims,
    tokens.map((t) => (isBig ? BigInt(t.text) : t.value)),
  );
}

function readNodes(s: Scanner): Node[] {
  const nodes: Node[] = [];
  s.expect("{");
  while (!s.takes("}")) nodes.push(readNode(s));
  return nodes;
}

/** `[label] y, z = domain.Op <attributes> (inputs)`; attributes may also follow the inputs. */
function readNode(s: Scanner): Node {
  const label = s.takes("[") ? name(s) : "";
  if (label !== "") s.expect("]");
  const outputs = names(s, "=");
  const path = [name(s)];
  while (s.takes(".")) path.push(name(s));
  const before = readAttributes(s);
  s.expect("(");
  const inputs = names(s, ")");
  return {
    name: label,
    opType: path.at(-1) as string,
    domain: path.slice(0, -1).join("."),
    inputs,
    outputs,
    attributes: { ...before, ...readAttributes(s) },
  };
}

function readAttributes(s: Scanner): Record<string, Attribute> {
  return s.takes("<") ? Object.fromEntries(list(s, ">", () => readAttribute(s))) : {};
}

function readAttribute(s: Scanner): [string, Attribute] {
  const key = s.word("an attribute name");
  const kind = s.takes(":") ? s.word("an attribute type") : undefined;
  s.expect("=");
  return [key, readAttributeValue(s, kind)];
}

function readAttributeValue(s: Scanner, kind: string | undefined): Attribute {
  if (s.takes("@")) return { type: "reference", value: name(s), kind: attributeKind(kind) };
  if (s.takes("[")) return readListAttribute(s, kind);
  if (typeAhead(s)) return readTensorAttribute(s);
  const text = s.string();
  if (text !== undefined) return { type: "string", value: text };
  const token = s.number();
  if (token === undefined) return { type: "graph", value: readGraph(s) };
  if (kind === "float" || !token.isInteger) return { type: "float", value: Math.fround(token.value) };
  return { type: "int", value: BigInt(token.text) };
}

const KINDS = ["int", "ints", "float", "floats", "string", "strings", "tensor", "graph"] as const;

const attributeKind = (word: string | undefined) => KINDS.find((k) => k === word);

function readTensorAttribute(s: Scanner): Attribute {
  const type = readType(s);
  if (s.peekWord() !== undefined) s.word("a tensor name");
  s.takes("=");
  return { type: "tensor", value: readLiteral(s, type) };
}

function emptyList(s: Scanner, kind: string | undefined): Attribute {
  if (kind === "ints" || kind === "floats" || kind === "strings") return { type: kind, value: [] };
  return s.fail("a type for the empty list (`axes: ints = []`)");
}

function readListAttribute(s: Scanner, kind: string | undefined): Attribute {
  if (s.takes("]")) return emptyList(s, kind);
  const items = list(s, "]", () => s.string() ?? s.number() ?? s.fail("a number or string"));
  if (items.every((i) => typeof i === "string")) return { type: "strings", value: items };
  if (items.some((i) => typeof i === "string")) return s.fail("one type in a list");
  const tokens = items as NumberToken[];
  if (kind === "floats" || tokens.some((t) => !t.isInteger))
    return { type: "floats", value: tokens.map((t) => Math.fround(t.value)) };
  return { type: "ints", value: tokens.map((t) => BigInt(t.text)) };
}

/** `<domain: "local", opset_import: ["" : 20]> f <alpha, beta: float = 1.0> (x) => (y) { … }` */
function readFunction(s: Scanner): LocalFunction {
  const header = readHeader(s);
  const functionName = name(s);
  const attributeNames: string[] = [];
  const attributeDefaults: Record<string, Attribute> = {};
  for (const [key, orElse] of s.takes("<") ? list(s, ">", () => readParameter(s)) : []) {
    if (orElse === undefined) attributeNames.push(key);
    else attributeDefaults[key] = orElse;
  }
  s.expect("(");
  const inputs = names(s, ")");
  s.expect("=>");
  s.expect("(");
  const outputs = names(s, ")");
  return {
    name: functionName,
    domain: header.domain ?? "",
    overload: header.overload ?? "",
    opsets: header.opsets ?? new Map([["", DEFAULT_OPSET]]),
    inputs,
    outputs,
    attributeNames,
    attributeDefaults,
    nodes: readNodes(s),
  };
}

function readParameter(s: Scanner): [string, Attribute | undefined] {
  const key = s.word("an attribute name");
  const kind = s.takes(":") ? s.word("an attribute type") : undefined;
  return [key, s.takes("=") ? readAttributeValue(s, kind) : undefined];
}
