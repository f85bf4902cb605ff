// Replaces calls of model-local functions (ONNX FunctionProto, as dynamo exports and onnxscript write them) by their bodies.
// Bodies are written for their own operator sets; they are raised to the model's on the way.
import { ModelError } from "../errors.ts";
import {
  type Attribute,
  describeNode,
  type Graph,
  type LocalFunction,
  type Model,
  makeNode,
  type Node,
  opsetOf,
} from "../model.ts";
import { createEmitter, type Emitter, withEmitted } from "./emitter.ts";
import { mapSubgraphs, renameNode } from "./rename.ts";
import { upgradeNodes, upgradeOpset } from "./upgrade-opset.ts";

const keyOf = (domain: string, name: string, overload: string): string => `${domain}::${name}::${overload}`;

/**
 * Case 1: a node that calls a local function → the function's nodes, names made unique, attribute references replaced by the
 *         call's attributes or the function's defaults (a reference to neither drops the attribute).
 * Case 2: calls inside function bodies and sub-graphs → the same, until none is left.
 * Case 3: an output that is directly an input of the function → Identity.
 * Case 4: functions written for different operator sets → everything is raised to the newest of them.
 *
 * @throws ModelError `recursive-function`
 */
export function inlineFunctions(model: Model): Model {
  if (model.functions.length === 0) return model;
  const target = Math.max(opsetOf(model), ...model.functions.map((f) => f.opsets.get("") ?? 0));
  const raised = upgradeOpset(model, { target });
  const functions = new Map(raised.functions.map((f) => [keyOf(f.domain, f.name, f.overload), f]));
  const inliner: Inliner = { functions, target, emitter: createEmitter(raised) };
  const inlined = inlineGraph(raised.graph, inliner);
  const graph = { ...inlined, initializers: withEmitted({ ...raised, graph: inlined }, inliner.emitter) };
  return { ...raised, opsets: opsetsAfter(raised, graph), functions: [], graph };
}

interface Inliner {
  readonly functions: ReadonlyMap<string, LocalFunction>;
  readonly target: number;
  readonly emitter: Emitter;
}

/** The functions' own imports join the model's; domains that held only functions go. */
function opsetsAfter(model: Model, graph: Graph): ReadonlyMap<string, number> {
  const opsets = new Map(model.opsets);
  for (const fn of model.functions) {
    for (const [domain, version] of fn.opsets) {
      if (domain !== "") opsets.set(domain, Math.max(version, opsets.get(domain) ?? 0));
    }
  }
  const used = new Set(["", ...graph.nodes.map((n) => n.domain)]);
  for (const { domain } of model.functions) if (!used.has(domain)) opsets.delete(domain);
  return opsets;
}

function inlineGraph(graph: Graph, inliner: Inliner): Graph {
  return { ...graph, nodes: graph.nodes.flatMap((node) => inlineNode(node, inliner, [])) };
}

function inlineNode(node: Node, inliner: Inliner, callers: readonly LocalFunction[]): Node[] {
  const fn = inliner.functions.get(keyOf(node.domain, node.opType, node.overload ?? ""));
  if (fn === undefined) {
    const attributes = mapSubgraphs(node.attributes, (g) => inlineGraph(g, inliner));
    return [attributes === node.attributes ? node : { ...node, attributes }];
  }
  if (callers.includes(fn)) {
    throw new ModelError("recursive-function", `function ${fn.domain}::${fn.name} calls itself.`, {
      where: describeNode(node),
    });
  }
  return instantiate(fn, node, inliner).flatMap((n) => inlineNode(n, inliner, [...callers, fn]));
}

function instantiate(fn: LocalFunction, call: Node, { emitter, target }: Inliner): Node[] {
  const scope = call.name || call.outputs[0] || fn.name;
  const names = new Map<string, string>([["", ""]]);
  emitter.at(scope);
  fn.inputs.forEach((formal, i) => {
    names.set(formal, call.inputs[i] ?? "");
  });
  const passedOn: Node[] = [];
  fn.outputs.forEach((formal, i) => {
    const actual = call.outputs[i] ?? "";
    if (actual === "") return;
    if (names.has(formal)) passedOn.push(makeNode("Identity", [names.get(formal) as string], [actual]));
    else names.set(formal, actual);
  });
  const rename = (name: string): string => {
    const known = names.get(name);
    if (known !== undefined) return known;
    const fresh = emitter.freshName(name);
    names.set(name, fresh);
    return fresh;
  };
  const given = { ...fn.attributeDefaults, ...call.attributes };
  const body = fn.nodes.map((node) => {
    const renamed = renameNode(resolveReferences(node, given), rename);
    return { ...renamed, name: emitter.freshName(node.name || node.opType) };
  });
  const from = fn.opsets.get("") ?? target;
  return [...upgradeNodes(body, from, target, emitter), ...passedOn];
}

/** Attribute references become the attributes of the call. */
function resolveReferences(node: Node, given: Readonly<Record<string, Attribute>>): Node {
  let changed = false;
  const resolved: [string, Attribute][] = [];
  for (const [name, attribute] of Object.entries(node.attributes)) {
    const actual = attribute.type === "reference" ? given[attribute.value] : attribute;
    changed ||= actual !== attribute;
    if (actual !== undefined) resolved.push([name, actual]);
  }
  const attributes = mapSubgraphs(changed ? Object.fromEntries(resolved) : node.attributes, (graph) => ({
    ...graph,
    nodes: graph.nodes.map((inner) => resolveReferences(inner, given)),
  }));
  return attributes === node.attributes ? node : { ...node, attributes };
}
