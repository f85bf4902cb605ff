// Replaces an If whose condition is known by the branch it takes.
import { attr, capturedBy, type Graph, type Model, makeNode, type Node, withGraph } from "../model.ts";
import { constantOf, type Shapes } from "../shapes/shapes.ts";
import type { Tensor } from "../tensor.ts";
import { freshName, renameGraph, takenNames, valueNames } from "./rename.ts";

/**
 * Case 1: If whose condition has known contents, the same at every probe → the branch's nodes and constants, names made unique,
 *         and one Identity an output (removed by `removeIdentities`).
 *
 * Only the outermost level is done; the types of what comes out have to be inferred again.
 */
export function inlineBranches(model: Model, shapes: Shapes): Model {
  const decided = new Map<Node, Graph>();
  for (const node of model.graph.nodes) {
    if (node.opType !== "If" || node.domain !== "") continue;
    const condition = constantOf(shapes, node.inputs[0] ?? "");
    if (condition?.length !== 1) continue;
    decided.set(node, attr.graph(node, condition[0] === 0 ? "else_branch" : "then_branch"));
  }
  if (decided.size === 0) return model;
  const others = model.graph.nodes.filter((n) => !decided.has(n));
  const taken = takenNames({ ...model.graph, nodes: others });
  for (const node of decided.keys()) for (const name of node.outputs) taken.add(name);
  const initializers = new Map<string, Tensor>(model.graph.initializers);
  const nodes = model.graph.nodes.flatMap((node) => {
    const branch = decided.get(node);
    if (branch === undefined) return [node];
    const fresh = new Map([...definedIn(branch)].map((name) => [name, freshName(taken, name)]));
    const body = renameGraph(branch, (name) => fresh.get(name) ?? name);
    for (const [name, tensor] of body.initializers) initializers.set(name, tensor);
    const results = node.outputs.flatMap((name, i) => {
      const label = freshName(taken, node.name || name);
      return name === ""
        ? []
        : [makeNode("Identity", [body.outputs[i]?.name ?? ""], [name], { name: label })];
    });
    const nodes = body.nodes.map((n) => (n.name === "" ? n : { ...n, name: freshName(taken, n.name) }));
    return [...nodes, ...results];
  });
  return withGraph(model, { nodes, initializers });
}

/** Names that a branch makes itself, deeper sub-graphs included. */
function definedIn(branch: Graph): Set<string> {
  const names = valueNames(branch);
  for (const name of capturedBy(branch)) names.delete(name);
  return names;
}
