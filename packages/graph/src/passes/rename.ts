// Names of values: which are taken, making new ones, renaming throughout a graph and the sub-graphs that capture its values.
// ONNX forbids a sub-graph to define a name that is visible from outside, so one map of names serves every level.
import type { Attribute, Graph, Model, Node, ValueInfo } from "../model.ts";
import { subgraphsOf, withGraph } from "../model.ts";

/** Every name that a graph defines, those inside sub-graphs included. */
export function valueNames(graph: Graph, into: Set<string> = new Set()): Set<string> {
  for (const { name } of graph.inputs) into.add(name);
  for (const { name } of graph.outputs) into.add(name);
  for (const name of graph.initializers.keys()) into.add(name);
  for (const node of graph.nodes) {
    for (const name of node.outputs) into.add(name);
    for (const inner of subgraphsOf(node)) valueNames(inner, into);
  }
  return into;
}

/** Every name that is taken by a value or a node: runtimes refuse two nodes of one name, and new nodes are named after values. */
export function takenNames(graph: Graph): Set<string> {
  return nodeNames(graph, valueNames(graph));
}

function nodeNames(graph: Graph, into: Set<string>): Set<string> {
  for (const node of graph.nodes) {
    if (node.name !== "") into.add(node.name);
    for (const inner of subgraphsOf(node)) nodeNames(inner, into);
  }
  return into;
}

/** A name that is not in `taken`, starting from the wish; it is added to `taken`. */
export function freshName(taken: Set<string>, wish: string): string {
  let name = wish;
  for (let n = 2; name === "" || taken.has(name); n++) name = `${wish}_${n}`;
  taken.add(name);
  return name;
}

/** New name of a value; the same name when it keeps it. */
export type Renaming = (name: string) => string;

/** A renaming from pairs; follows chains (a → b, b → c gives a → c). */
export const renamingOf =
  (pairs: ReadonlyMap<string, string>): Renaming =>
  (name) => {
    let at = name;
    for (let next = pairs.get(at); next !== undefined; next = pairs.get(at)) at = next;
    return at;
  };

/** A declared value under another name; its message follows. */
function renameInfo(info: ValueInfo, rename: Renaming): ValueInfo {
  const name = rename(info.name);
  if (name === info.name) return info;
  return info.source === undefined
    ? { ...info, name }
    : { ...info, name, source: { ...(info.source as object), name } };
}

/** A node whose inputs, outputs and sub-graphs use the new names; the same object when none of them changes. */
export function renameNode(node: Node, rename: Renaming): Node {
  const inputs = renameAll(node.inputs, rename);
  const outputs = renameAll(node.outputs, rename);
  const attributes = mapSubgraphs(node.attributes, (g) => renameGraph(g, rename));
  if (inputs === node.inputs && outputs === node.outputs && attributes === node.attributes) return node;
  return { ...node, inputs, outputs, attributes };
}

function renameAll(names: readonly string[], rename: Renaming): readonly string[] {
  for (const name of names) {
    if (name !== "" && rename(name) !== name) return names.map((n) => (n === "" ? n : rename(n)));
  }
  return names;
}

/** Applies a function to every sub-graph among the attributes; the same record when none changes. */
export function mapSubgraphs(
  attributes: Readonly<Record<string, Attribute>>,
  map: (graph: Graph) => Graph,
): Readonly<Record<string, Attribute>> {
  let changed: Record<string, Attribute> | undefined;
  for (const name in attributes) {
    const attribute = attributes[name] as Attribute;
    if (attribute.type !== "graph") continue;
    const value = map(attribute.value);
    if (value !== attribute.value) changed = { ...(changed ?? attributes), [name]: { type: "graph", value } };
  }
  return changed ?? attributes;
}

/** A graph with every value renamed: inputs, outputs, constants and sub-graphs too. */
export function renameGraph(graph: Graph, rename: Renaming): Graph {
  return {
    ...graph,
    inputs: graph.inputs.map((v) => renameInfo(v, rename)),
    outputs: graph.outputs.map((v) => renameInfo(v, rename)),
    nodes: graph.nodes.map((n) => renameNode(n, rename)),
    initializers: new Map([...graph.initializers].map(([name, t]) => [rename(name), t])),
    valueInfo: graph.valueInfo.map((v) => renameInfo(v, rename)),
  };
}

/**
 * Renames one value. A name that is taken gets a number.
 * @returns the model and the name that the value now has
 */
export function renameValue(model: Model, from: string, wish: string): { model: Model; name: string } {
  const taken = valueNames(model.graph);
  if (from === wish || !taken.has(from)) return { model, name: from };
  const name = freshName(taken, wish);
  return {
    model: withGraph(
      model,
      renameGraph(model.graph, (n) => (n === from ? name : n)),
    ),
    name,
  };
}

/**
 * Puts a prefix before every value and node name, so that two models may be joined in one graph.
 * @param options.keep names that stay as they are, such as a shared input
 */
export function addPrefix(model: Model, prefix: string, options: { keep?: ReadonlySet<string> } = {}): Model {
  if (prefix === "") return model;
  const keep = options.keep ?? new Set();
  const renamed = renameGraph(model.graph, (n) => (keep.has(n) ? n : prefix + n));
  const nodes = renamed.nodes.map((n) => (n.name === "" ? n : { ...n, name: prefix + n.name }));
  return withGraph(model, { ...renamed, nodes });
}
