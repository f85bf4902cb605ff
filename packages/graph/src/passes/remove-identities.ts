// Removes nodes that pass a value on unchanged, so that patterns and gradients see the values that matter.
import { codeOfDataType } from "../data-type.ts";
import { attr, type Graph, type Model, type Node, valuesReadBy } from "../model.ts";
import { constantOf, dataTypeOf, type Shapes } from "../shapes/shapes.ts";
import { type Tensor, tensorNumbers } from "../tensor.ts";
import { mapSubgraphs, renameNode, renamingOf } from "./rename.ts";

/**
 * Case 1: Identity (of initializers too).
 * Case 2: Dropout outside training whose mask nobody reads.
 * Case 3: Cast to the type that the value has; CastLike too.
 * Case 4: Concat, Sum, Max, Min, Mean of one value.
 * Case 5: Transpose that keeps the order, Pad by nothing.
 * Case 6: Reshape, Flatten, Expand, Slice, Squeeze, Unsqueeze, Tile whose result has the shape of its input at every probe.
 *
 * Graph outputs keep their names: the value that such a node copied takes the output's name, unless it has one to keep itself
 * (graph inputs, initializers, other outputs); then the node stays.
 *
 * @param shapes without them, cases 3 and 6 do not fire, nor those parts of the others that ask for computed constants
 */
export function removeIdentities(model: Model, shapes?: Shapes): Model {
  const graph = simplify(model.graph, shapes, new Map());
  return graph === model.graph ? model : { ...model, graph };
}

interface Facts {
  readonly shapes: Shapes | undefined;
  readonly constant: (name: string | undefined) => readonly number[] | undefined;
  readonly isRead: (name: string | undefined) => boolean;
}

function simplify(graph: Graph, shapes: Shapes | undefined, outer: ReadonlyMap<string, Tensor>): Graph {
  const initializers = outer.size === 0 ? graph.initializers : new Map([...outer, ...graph.initializers]);
  const facts = factsOf(graph, shapes, initializers);
  const outputs = new Set(graph.outputs.map((v) => v.name));
  const here = new Set<string>();
  const pairs = new Map<string, string>();
  const rename = renamingOf(pairs);
  const kept: Node[] = [];
  let changed = false;
  for (const node of graph.nodes) {
    const attributes = mapSubgraphs(node.attributes, (g) => simplify(g, undefined, initializers));
    changed ||= attributes !== node.attributes;
    const [from, to] = [rename(node.inputs[0] ?? ""), node.outputs[0] ?? ""];
    if (passesOn(node, facts)) {
      const free = here.has(from) && !outputs.has(from);
      if (!outputs.has(to) || free) {
        if (outputs.has(to)) pairs.set(from, to);
        else pairs.set(to, from);
        here.add(to);
        continue;
      }
    }
    for (const name of node.outputs) here.add(name);
    kept.push(attributes === node.attributes ? node : { ...node, attributes });
  }
  if (pairs.size === 0) return changed ? { ...graph, nodes: kept } : graph;
  const nodes = kept.map((node) => renameNode(node, rename));
  // A value that took an output's name is declared under that name already.
  const valueInfo = graph.valueInfo.filter((v) => rename(v.name) === v.name);
  return { ...graph, nodes, valueInfo };
}

function factsOf(graph: Graph, shapes: Shapes | undefined, initializers: ReadonlyMap<string, Tensor>): Facts {
  let readers: Set<string> | undefined;
  return {
    shapes,
    constant: (name) => {
      if (name === undefined || name === "") return undefined;
      const tensor = initializers.get(name);
      if (tensor === undefined) return shapes && constantOf(shapes, name);
      return tensor.data instanceof Uint8Array && tensor.data.byteLength <= 1024
        ? tensorNumbers(tensor)
        : undefined;
    },
    isRead: (name) => {
      readers ??= new Set([...graph.nodes.flatMap(valuesReadBy), ...graph.outputs.map((v) => v.name)]);
      return name !== undefined && readers.has(name);
    },
  };
}

/** Whether output 0 of a node is its input 0. */
function passesOn(node: Node, facts: Facts): boolean {
  return node.domain === "" && (PASSES_ON[node.opType]?.(node, facts) ?? false);
}

type Test = (node: Node, facts: Facts) => boolean;

const sameShape: Test = (node, { shapes }) =>
  shapes?.probes.every((types) => {
    const [before, after] = [types.get(node.inputs[0] ?? "")?.dims, types.get(node.outputs[0] ?? "")?.dims];
    return before !== undefined && before.length === after?.length && before.every((d, i) => d === after[i]);
  }) ?? false;

const oneInput: Test = (node) => node.inputs.length === 1;

const PASSES_ON: Readonly<Record<string, Test | undefined>> = {
  Identity: () => true,
  Dropout: (node, { constant, isRead }) => {
    if (isRead(node.outputs[1])) return false;
    const training = node.inputs[2] ?? "";
    return training === "" || constant(training)?.[0] === 0;
  },
  Cast: (node, { shapes }) => {
    const type = shapes && dataTypeOf(shapes, node.inputs[0] ?? "");
    return type !== undefined && codeOfDataType(type) === attr.int(node, "to");
  },
  CastLike: (node, { shapes }) => {
    const [from, to] = node.inputs.map((name) => shapes && dataTypeOf(shapes, name));
    return from !== undefined && from === to;
  },
  Concat: oneInput,
  Sum: oneInput,
  Max: oneInput,
  Min: oneInput,
  Mean: oneInput,
  Transpose: (node) => attr.ints(node, "perm")?.every((axis, i) => axis === i) ?? false,
  Pad: (node, { constant }) => constant(node.inputs[1])?.every((n) => n === 0) ?? false,
  Reshape: sameShape,
  Flatten: sameShape,
  Expand: sameShape,
  Squeeze: sameShape,
  Unsqueeze: sameShape,
  Tile: sameShape,
  Slice: (node, facts) => {
    const steps = node.inputs[4] ?? "";
    const forward = steps === "" || (facts.constant(steps)?.every((s) => s === 1) ?? false);
    return forward && sameShape(node, facts);
  },
};
