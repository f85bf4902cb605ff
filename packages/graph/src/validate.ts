// Is a graph well formed, as ONNX's IR specification (onnx/docs/IR.md) and ONNX Runtime ask? One walk over the nodes, made on
// every file that is read, so that the rest may rely on names that are defined once and nodes in order.
import { ModelError, UnsupportedError } from "./errors.ts";
import {
  capturedBy,
  describeNode,
  type Graph,
  type LocalFunction,
  type Model,
  type Node,
  subgraphsOf,
  valuesReadBy,
} from "./model.ts";

/** The newest standard operator set that onnxruntime-node and -web 1.30 load. */
export const NEWEST_OPSET = 26;
/** The newest version of the file format (IR) that `validateModel` lets through. */
export const NEWEST_IR_VERSION = 13;

/**
 * Checks versions and graph; gives the same model, or one whose nodes are put in order where the file has them out of order
 * (ONNX Runtime accepts those).
 * @throws ModelError `no-ir-version`, `no-opset`, `duplicate-name`, `undefined-value`, `cycle`, `unsorted-nodes`, `bad-node`
 * @throws UnsupportedError `opset-too-new`, `ir-too-new`
 */
export function validateModel(model: Model): Model {
  checkVersions(model);
  checkFunctions(model.functions);
  const graph = validateGraph(model.graph);
  return graph === model.graph ? model : { ...model, graph };
}

function checkVersions(model: Model): void {
  if (model.irVersion < 1)
    throw new ModelError("no-ir-version", "the model has no IR version.", { hint: "Export it again." });
  if (model.irVersion > NEWEST_IR_VERSION) {
    throw new UnsupportedError(
      "ir-too-new",
      `IR version ${model.irVersion}; the newest supported is ${NEWEST_IR_VERSION}.`,
      {
        hint: "Export the model for an older ONNX version.",
      },
    );
  }
  if (model.opsets.size === 0) {
    throw new ModelError("no-opset", "the model does not say which operator set it was written for.", {
      hint: "Export it again, or set opset_import.",
    });
  }
  const opset = model.opsets.get("");
  if (opset === undefined) {
    const standard = model.graph.nodes.find((n) => n.domain === "");
    if (standard === undefined) return;
    throw new ModelError("no-opset", "the standard operator set has no version in the model.", {
      where: describeNode(standard),
      hint: "Export it again, or add it to opset_import.",
    });
  }
  if (opset < 1) throw new ModelError("no-opset", `operator set version ${opset} does not exist.`);
  if (opset <= NEWEST_OPSET) return;
  throw new UnsupportedError(
    "opset-too-new",
    `operator set ${opset}; the newest supported is ${NEWEST_OPSET}.`,
    {
      hint: `Export the model with opset_version=${NEWEST_OPSET} or older.`,
    },
  );
}

function checkFunctions(functions: readonly LocalFunction[]): void {
  const seen = new Set<string>();
  for (const fn of functions) {
    const where = `function "${fn.domain}::${fn.name}"`;
    const id = JSON.stringify([fn.domain, fn.name, fn.overload]);
    if (seen.has(id)) throw new ModelError("duplicate-name", "the function is defined twice.", { where });
    seen.add(id);
    const defined = new Set(["", ...fn.inputs]);
    if (orderNodes(fn.nodes, defined, where) !== fn.nodes) throw unsorted(where);
    const missing = fn.outputs.find((name) => !defined.has(name));
    if (missing !== undefined) throw undefinedValue(missing, where);
  }
}

const unsorted = (where: string): ModelError =>
  new ModelError("unsorted-nodes", "a node reads a value that is computed after it.", {
    where,
    hint: "Only the nodes of the main graph may be out of order; export the model again.",
  });

function validateGraph(graph: Graph): Graph {
  const where = describeGraph(graph);
  const defined = namesGivenTo(graph);
  const nodes = orderNodes(graph.nodes, defined, where);
  for (const { name } of graph.outputs)
    if (name === "" || !defined.has(name)) throw undefinedValue(name, where);
  return nodes === graph.nodes ? graph : { ...graph, nodes };
}

/** Values from around a sub-graph are the affair of the node that holds it: they are among the values that it reads. */
function checkSubgraph(graph: Graph): void {
  const where = describeGraph(graph);
  const defined = namesGivenTo(graph);
  const captured = capturedBy(graph);
  const own = new Set(graph.nodes.flatMap((node) => node.outputs));
  if (captured.some((name) => own.has(name))) throw unsorted(where);
  for (const name of captured) defined.add(name);
  orderNodes(graph.nodes, defined, where);
}

const describeGraph = (graph: Graph): string => `graph "${graph.name}"`;

function namesGivenTo(graph: Graph): Set<string> {
  const inputs = new Set<string>();
  for (const { name } of graph.inputs) {
    if (inputs.has(name)) throw duplicateValue(name, describeGraph(graph));
    inputs.add(name);
  }
  return new Set(["", ...inputs, ...graph.initializers.keys()]);
}

/**
 * The nodes themselves where each reads only what was defined before it, else a stable topological order.
 * @param defined names known before the first node; grows by what the nodes compute
 */
function orderNodes(nodes: readonly Node[], defined: Set<string>, where: string): readonly Node[] {
  checkNodes(nodes);
  const given = new Set(defined);
  let isSorted = true;
  for (const node of nodes) {
    isSorted &&= valuesReadBy(node).every((name) => defined.has(name));
    for (const name of node.outputs) {
      if (name !== "" && defined.has(name)) throw duplicateValue(name, `${where}, ${describeNode(node)}`);
      defined.add(name);
    }
  }
  return isSorted ? nodes : sortNodes(nodes, given);
}

/** ONNX Runtime refuses two nodes of one name. */
function checkNodes(nodes: readonly Node[]): void {
  const names = new Set<string>();
  for (const node of nodes) {
    if (node.opType === "")
      throw new ModelError("bad-node", "the node has no operator.", { where: describeNode(node) });
    if (node.name !== "" && names.has(node.name))
      throw new ModelError("duplicate-name", "two nodes have this name.", { where: describeNode(node) });
    names.add(node.name);
    for (const graph of subgraphsOf(node)) checkSubgraph(graph);
  }
}

/** Depth first from each node in the given order, so that what is in order stays where it is. */
function sortNodes(nodes: readonly Node[], given: ReadonlySet<string>): Node[] {
  const producer = new Map(nodes.flatMap((node, i) => node.outputs.map((name) => [name, i] as const)));
  const isBegun = new Uint8Array(nodes.length);
  const isPlaced = new Uint8Array(nodes.length);
  const sorted: Node[] = [];
  const waitsFor = (node: Node): number[] => {
    const producers = valuesReadBy(node).map((name) => {
      if (given.has(name)) return undefined;
      return producer.get(name) ?? fail(undefinedValue(name, describeNode(node)));
    });
    return producers.filter((i) => i !== undefined && isPlaced[i] === 0) as number[];
  };
  for (const start of nodes.keys()) {
    const stack = [start];
    while (stack.length > 0) {
      const at = stack.at(-1) as number;
      const node = nodes[at] as Node;
      const waiting = isPlaced[at] === 1 ? [] : waitsFor(node);
      isBegun[at] = 1;
      if (waiting.some((i) => isBegun[i] === 1))
        throw new ModelError("cycle", "the node's inputs depend on its own outputs.", {
          where: describeNode(node),
        });
      for (const i of waiting.reverse()) stack.push(i);
      if (waiting.length > 0) continue;
      if (isPlaced[at] === 0) sorted.push(node);
      isPlaced[at] = 1;
      stack.pop();
    }
  }
  return sorted;
}

function fail(error: Error): never {
  throw error;
}

const duplicateValue = (name: string, where: string): ModelError =>
  new ModelError("duplicate-name", `value "${name}" is defined twice.`, { where });

const undefinedValue = (name: string, where: string): ModelError =>
  new ModelError("undefined-value", `value "${name}" is used, but nothing defines it.`, {
    where,
    hint: "The graph is incomplete; export the model again.",
  });
