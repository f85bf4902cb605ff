// Removes what no graph output depends on.
import { type Graph, type Model, type Node, subgraphsOf, valuesReadBy } from "../model.ts";
import { mapSubgraphs } from "./rename.ts";

/**
 * Case 1: nodes none of whose outputs is read (values captured by sub-graphs count as read), in sub-graphs too.
 * Case 2: initializers that nobody reads, and graph inputs that were only their declaration.
 * Case 3: declared types of values that are gone.
 *
 * Graph inputs stay, read or not: they are the model's signature.
 */
export function removeDead(model: Model): Model {
  const graph = pruneGraph(model.graph);
  return graph === model.graph ? model : { ...model, graph };
}

function pruneGraph(graph: Graph): Graph {
  const live = new Set(graph.outputs.map((v) => v.name));
  const kept: Node[] = [];
  let changed = false;
  for (let i = graph.nodes.length - 1; i >= 0; i--) {
    const node = graph.nodes[i] as Node;
    if (!node.outputs.some((name) => live.has(name))) {
      changed = true;
      continue;
    }
    const pruned = pruneSubgraphs(node);
    changed ||= pruned !== node;
    for (const name of pruned === node && subgraphsOf(node).length === 0
      ? node.inputs
      : valuesReadBy(pruned)) {
      live.add(name);
    }
    kept.push(pruned);
  }
  const inputs = graph.inputs.filter((v) => live.has(v.name) || !graph.initializers.has(v.name));
  const dead = [...graph.initializers.keys()].some((name) => !live.has(name));
  if (!changed && !dead && inputs.length === graph.inputs.length) return graph;
  const initializers = dead
    ? new Map([...graph.initializers].filter(([name]) => live.has(name)))
    : graph.initializers;
  for (const node of kept) for (const name of node.outputs) live.add(name);
  const valueInfo = graph.valueInfo.filter((v) => live.has(v.name));
  return { ...graph, inputs, nodes: kept.reverse(), initializers, valueInfo };
}

function pruneSubgraphs(node: Node): Node {
  const attributes = mapSubgraphs(node.attributes, pruneGraph);
  return attributes === node.attributes ? node : { ...node, attributes };
}
