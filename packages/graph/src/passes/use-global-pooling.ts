// A mean over the whole map, as the dynamo exporter writes global pooling, becomes GlobalAveragePool: ONNX Runtime keeps that in
// its blocked layout, forward and backward, where a ReduceMean leaves it.
import { attr, type Model, makeNode, type Node } from "../model.ts";
import { constantOf, dataTypeOf, dimsOf, type Shapes } from "../shapes/shapes.ts";
import { createEmitter } from "./emitter.ts";

/**
 * Case 1: ReduceMean of float32 [N, C, H, W] over both spatial axes, kept → GlobalAveragePool.
 * Case 2: the same, not kept → GlobalAveragePool and Flatten.
 * @param shapes gets the types of new values
 */
export function useGlobalPooling(model: Model, shapes: Shapes): Model {
  const found = new Set(model.graph.nodes.filter((node) => isMapMean(node, shapes)));
  if (found.size === 0) return model;
  const emit = createEmitter(model, shapes);
  const nodes = model.graph.nodes.flatMap((node) => {
    if (!found.has(node)) return [node];
    const x = node.inputs.slice(0, 1);
    if (attr.int(node, "keepdims", 1) === 1)
      return [makeNode("GlobalAveragePool", x, node.outputs, { name: node.name })];
    emit.at(node.name || (node.outputs[0] as string));
    const pooled = emit.op("GlobalAveragePool", x);
    return [...emit.drain(), makeNode("Flatten", [pooled], node.outputs, { name: node.name })];
  });
  return { ...model, graph: { ...model.graph, nodes } };
}

function isMapMean(node: Node, shapes: Shapes): boolean {
  const [x = "", axes = ""] = node.inputs;
  if (node.opType !== "ReduceMean" || node.domain !== "" || axes === "") return false;
  if (dimsOf(shapes, x)?.length !== 4 || dataTypeOf(shapes, x) !== "float32") return false;
  const front = constantOf(shapes, axes)?.map((axis) => (axis < 0 ? axis + 4 : axis));
  return front?.length === 2 && front.includes(2) && front.includes(3);
}
