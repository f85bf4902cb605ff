// Graphs as text in ONNX's own syntax (onnx/docs/Syntax.md), for tests, errors and `snellen inspect --graph`.
// `parse-text.ts` reads it back when values are printed in full.
import { type DataType, isFloating } from "./data-type.ts";
import type { Attribute, Graph, LocalFunction, Model, Node, ValueInfo } from "./model.ts";
import { elementCount, isExternal, type Tensor, tensorValues } from "./tensor.ts";

/** How much of a graph is printed. */
export interface PrintOptions {
  /** Tensors of more elements than this are abbreviated to `{...}`. Default 8. */
  readonly maxValues?: number;
}

const DEFAULT_MAX_VALUES = 8;
const INDENT = "   ";
const LINE = 100;

/** A model or graph as text; tensors of more than `maxValues` elements show type and dims only. */
export function printGraph(of: Model | Graph, options: PrintOptions = {}): string {
  const print = printerFor(options.maxValues ?? DEFAULT_MAX_VALUES);
  return "graph" in of ? print.model(of) : print.graph(of, "");
}

/** One node as text, for errors and listings. */
export const printNode = (node: Node): string => printerFor(DEFAULT_MAX_VALUES).node(node, "");

/** `float[N,3] x`; `float[] x` where the rank is unknown, the name alone where the type is no tensor. */
export function printValueInfo(info: ValueInfo): string {
  const name = quoteName(info.name);
  return info.dataType === undefined ? name : `${printType(info.dataType, info.dims)} ${name}`;
}

const TYPE_WORDS: { readonly [type: string]: string } = { float32: "float", float64: "double" };

function printType(dataType: DataType, dims: ValueInfo["dims"]): string {
  const word = TYPE_WORDS[dataType] ?? dataType;
  if (dims === undefined) return `${word}[]`;
  if (dims.length === 0) return word;
  return `${word}[${dims.map((d) => (typeof d === "string" ? quoteName(d) : (d ?? "?"))).join(",")}]`;
}

const quoteName = (name: string): string => (/^[A-Za-z_]\w*$/.test(name) ? name : quote(name));

const quote = (text: string): string => `"${text.replace(/["\\]/g, "\\$&")}"`;

/** Shortest decimal that reads back as the same float32 (or double); always with a point, exponent or word. */
function printFloat(value: number, single = true): string {
  if (Number.isNaN(value)) return "nan";
  if (!Number.isFinite(value)) return value > 0 ? "inf" : "-inf";
  if (Object.is(value, -0)) return "-0.0";
  const text = single ? shortestSingle(value) : String(value);
  return /[.e]/.test(text) ? text : `${text}.0`;
}

function shortestSingle(value: number): string {
  for (let digits = 1; digits < 9; digits++) {
    const rounded = Number(value.toPrecision(digits));
    if (Math.fround(rounded) === value) return String(rounded);
  }
  return String(Number(value.toPrecision(9)));
}

/** Comma-separated items, on one line where they fit, else one a line. */
function wrap(items: readonly string[], indent: string): string {
  const line = items.join(", ");
  return line.length <= LINE ? line : items.join(`,\n${indent} `);
}

function printerFor(maxValues: number) {
  const tensorType = (t: Tensor) => printType(t.dataType, t.dims);
  const tensorValuesText = (tensor: Tensor): string => {
    const isReadable = !isExternal(tensor) && !tensor.dataType.startsWith("complex");
    if (!isReadable || elementCount(tensor.dims) > maxValues) return "{...}";
    if (tensor.strings !== undefined)
      return `{${tensor.strings.map((s) => quote(new TextDecoder().decode(s))).join(", ")}}`;
    return `{${printNumbers(tensor).join(", ")}}`;
  };

  const attributeValue = (a: Attribute, indent: string): string => {
    switch (a.type) {
      case "int":
        return String(a.value);
      case "float":
        return printFloat(a.value);
      case "string":
        return quote(a.value);
      case "ints":
      case "strings":
      case "floats":
        return `[${a.value.map((v) => printItem(v)).join(", ")}]`;
      case "tensor":
        return `${tensorType(a.value)} ${tensorValuesText(a.value)}`;
      case "graph":
        return graph(a.value, indent + INDENT);
      case "reference":
        return `@${quoteName(a.value)}`;
      case "opaque":
        return "...";
    }
  };

  const attribute = (name: string, a: Attribute, indent: string): string => {
    const isEmptyList = Array.isArray(a.value) && a.value.length === 0;
    const kind = a.type === "reference" ? a.kind : isEmptyList ? a.type : undefined;
    return `${name}${kind === undefined ? "" : `: ${kind}`} = ${attributeValue(a, indent)}`;
  };

  const attributes = (of: Node["attributes"], indent: string): string => {
    const items = Object.entries(of).map(([name, a]) => attribute(name, a, indent));
    return items.length === 0 ? "" : `<${items.join(", ")}> `;
  };

  const node = (n: Node, indent: string): string => {
    const label = n.name === "" ? "" : `[${quoteName(n.name)}] `;
    const domain = n.domain === "" ? "" : `${n.domain.split(".").map(quoteName).join(".")}.`;
    const outputs = n.outputs.map(quoteName).join(", ");
    const inputs = n.inputs.map(quoteName).join(", ");
    return `${label}${outputs} = ${domain}${quoteName(n.opType)} ${attributes(n.attributes, indent)}(${inputs})`;
  };

  const body = (nodes: readonly Node[], indent: string): string => {
    const lines = nodes.map((n) => `${indent}${INDENT}${node(n, indent + INDENT)}\n`);
    return `{\n${lines.join("")}${indent}}`;
  };

  const graph = (g: Graph, indent: string): string => {
    const values = (infos: readonly ValueInfo[]) => `(${wrap(infos.map(printValueInfo), indent)})`;
    const held = [...g.initializers].map(
      ([name, t]) => `${tensorType(t)} ${quoteName(name)} = ${tensorValuesText(t)}`,
    );
    const listed = [...held, ...g.valueInfo.map(printValueInfo)];
    const extra = listed.length === 0 ? "" : `\n${indent}<${wrap(listed, indent)}>`;
    const head = `${quoteName(g.name)} ${values(g.inputs)} => ${values(g.outputs)}${extra}`;
    return `${head}\n${indent}${body(g.nodes, indent)}`;
  };

  const localFunction = (f: LocalFunction): string => {
    const header = [`domain: ${quote(f.domain)}`, `opset_import: [${printOpsets(f.opsets ?? new Map())}]`];
    if (f.overload !== "") header.push(`overload: ${quote(f.overload)}`);
    const parameters = [
      ...f.attributeNames,
      ...Object.entries(f.attributeDefaults).map(([name, a]) => attribute(name, a, "")),
    ];
    const list = parameters.length === 0 ? "" : `<${parameters.join(", ")}> `;
    const signature = `(${f.inputs.map(quoteName).join(", ")}) => (${f.outputs.map(quoteName).join(", ")})`;
    return `<${header.join(", ")}>\n${quoteName(f.name)} ${list}${signature}\n${body(f.nodes, "")}`;
  };

  const model = (m: Model): string => {
    const header = [`ir_version: ${m.irVersion}`, `opset_import: [${printOpsets(m.opsets)}]`];
    if (m.producer !== "") header.push(`producer_name: ${quote(m.producer)}`);
    if (m.metadata.size > 0) header.push(`metadata_props: [${printMetadata(m.metadata)}]`);
    return [`<${header.join(", ")}>\n${graph(m.graph, "")}`, ...m.functions.map(localFunction)].join("\n");
  };

  return { model, graph, node };
}

const printItem = (value: bigint | number | string): string => {
  if (typeof value === "string") return quote(value);
  return typeof value === "bigint" ? String(value) : printFloat(value);
};

const printOpsets = (opsets: ReadonlyMap<string, number>): string =>
  [...opsets].map(([domain, version]) => `${quote(domain)} : ${version}`).join(", ");

const printMetadata = (metadata: ReadonlyMap<string, string>): string =>
  [...metadata].map(([key, value]) => `${quote(key)} : ${quote(value)}`).join(", ");

function printNumbers(tensor: Tensor): string[] {
  const values = Array.from<number | bigint>(tensorValues(tensor) as ArrayLike<number | bigint>);
  if (!isFloating(tensor.dataType)) return values.map(String);
  return values.map((v) => printFloat(Number(v), tensor.dataType !== "float64").replace(/\.0$/, ""));
}
