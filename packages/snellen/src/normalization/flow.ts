// The graph as the rules on γ read it: what depends on the picture, what a value is computed from, and every normalization as one
// unit whose inside nobody looks at. Derived here.
import {
  attr,
  dimsOf,
  type GraphIndex,
  indexGraph,
  type Model,
  type Node,
  type Shapes,
  valuesReadBy,
} from "@snellen/graph";
import { readsShapeOnly } from "../vision-model/shape-only.ts";
import type { Normalization } from "./normalization.ts";

export interface Flow {
  readonly index: GraphIndex;
  readonly shapes: Shapes;
  /** In topological order. */
  readonly nodes: readonly Node[];
  readonly normalizations: readonly Normalization[];
  /** Whether a value holds something of the picture, more than its size. */
  isImage(value: string): boolean;
  /** The normalization that a node is part of. */
  normalizationOf(node: Node): Normalization | undefined;
  /** A value and all that it is computed from; constants are left out, as exporters share equal ones among unrelated places. */
  behind(value: string): Behind;
}

export interface Behind {
  readonly values: ReadonlySet<string>;
  readonly nodes: ReadonlySet<Node>;
}

/**
 * @param model canonical, with its shapes
 * @param image name of the image input
 */
export function createFlow(
  model: Model,
  shapes: Shapes,
  image: string,
  normalizations: readonly Normalization[],
): Flow {
  const index = indexGraph(model);
  const owners = new Map<Node, Normalization>();
  for (const normalization of normalizations)
    for (const node of normalization.nodes) owners.set(node, normalization);
  const fromImage = valuesFrom(model.graph.nodes, image);
  const known = new Map<string, Behind>();
  return {
    index,
    shapes,
    nodes: model.graph.nodes,
    normalizations,
    isImage: (value) => fromImage.has(value),
    normalizationOf: (node) => owners.get(node),
    behind(value) {
      const found = known.get(value) ?? behind(index, value);
      known.set(value, found);
      return found;
    },
  };
}

/** Every value that is computed from what this one holds, and itself. */
export function valuesFrom(nodes: readonly Node[], start: string): ReadonlySet<string> {
  const found = new Set([start]);
  for (const node of nodes) {
    if (readsShapeOnly(node) || !valuesReadBy(node).some((name) => found.has(name))) continue;
    for (const name of node.outputs) found.add(name);
  }
  found.delete("");
  return found;
}

function behind(index: GraphIndex, value: string): Behind {
  const values = new Set([value]);
  const nodes = new Set<Node>();
  for (const name of values) {
    const node = index.producer(name);
    if (node === undefined || nodes.has(node)) continue;
    nodes.add(node);
    if (readsShapeOnly(node)) continue;
    for (const input of valuesReadBy(node)) if (index.initializer(input) === undefined) values.add(input);
  }
  return { values, nodes };
}

/** Convolutions and matrix products with a constant: what training calls a layer with weights. */
export function isWeightLayer(flow: Flow, node: Node): boolean {
  if (node.domain !== "" || flow.normalizationOf(node) !== undefined) return false;
  if (/^(Conv|ConvTranspose|ConvInteger|QLinearConv|DeformConv)$/.test(node.opType)) return true;
  return (
    /^(Gemm|MatMul|Einsum)$/.test(node.opType) &&
    node.inputs.slice(0, 2).filter((name) => name !== "" && !flow.isImage(name)).length === 1
  );
}

/** A convolution of every channel by itself; 1 × 1 ones are no better than a scale, and counted with them. */
export function isDepthwise(flow: Flow, node: Node): boolean {
  const channels = dimsOf(flow.shapes, node.inputs[0] ?? "")?.[1] ?? 1;
  return node.opType === "Conv" && channels > 1 && attr.int(node, "group", 1) === channels;
}

/** How many numbers a constant has, where it differs along one axis only; undefined for scalars and matrices. */
export function vectorSize(flow: Flow, constant: string): number | undefined {
  const wide = dimsOf(flow.shapes, constant)?.filter((d) => d !== 1) ?? [];
  return wide.length === 1 ? wide[0] : undefined;
}
