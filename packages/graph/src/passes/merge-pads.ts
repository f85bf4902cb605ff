// Zeros padded around an image before a convolution become the convolution's own padding, as TensorFlow's "same" padding is
// exported with an explicit Pad: the gradient then needs no cropping, and ONNX Runtime no separate step.
import { attr, type Model, type Node } from "../model.ts";
import { constantOf, dimsOf, type Shapes } from "../shapes/shapes.ts";
import { removeDead } from "./remove-dead.ts";

/**
 * Case 1: Conv(Pad(x)) with constant zeros on spatial axes only → Conv(x) with the pads added to its own.
 * A Pad that others read too stays for them.
 */
export function mergePads(model: Model, shapes: Shapes): Model {
  const padded = new Map(
    model.graph.nodes.flatMap((node) => {
      const pads = spatialPads(node, shapes);
      return pads === undefined
        ? []
        : [[node.outputs[0] as string, { x: node.inputs[0] as string, pads }] as const];
    }),
  );
  let changed = false;
  const nodes = model.graph.nodes.map((node) => {
    const source = padded.get(node.inputs[0] ?? "");
    if (source === undefined || !takesPads(node)) return node;
    changed = true;
    const own = attr.ints(node, "pads") ?? source.pads.map(() => 0);
    const value = source.pads.map((pad, i) => BigInt(pad + (own[i] ?? 0)));
    const { auto_pad: _, ...attributes } = node.attributes;
    return {
      ...node,
      inputs: [source.x, ...node.inputs.slice(1)],
      attributes: { ...attributes, pads: { type: "ints", value } as const },
    };
  });
  return changed ? removeDead({ ...model, graph: { ...model.graph, nodes } }) : model;
}

const takesPads = (node: Node): boolean =>
  node.opType === "Conv" &&
  node.domain === "" &&
  ["NOTSET", "VALID"].includes(attr.string(node, "auto_pad", "NOTSET"));

/** What a Pad adds to the axes after batch and channels, beginnings then ends; undefined when it does anything else. */
function spatialPads(node: Node, shapes: Shapes): readonly number[] | undefined {
  if (node.opType !== "Pad" || node.domain !== "" || attr.string(node, "mode", "constant") !== "constant")
    return undefined;
  const rank = dimsOf(shapes, node.inputs[0] ?? "")?.length ?? 0;
  const [pads, constant, axes] = [1, 2, 3].map((i) => listAt(node, i, shapes));
  if (pads === undefined || constant === undefined || axes === undefined || constant.some((v) => v !== 0))
    return undefined;
  const named = axes.length > 0 ? axes : Array.from({ length: rank }, (_, i) => i);
  const all = new Array<number>(2 * rank).fill(0);
  named.forEach((axis, i) => {
    const front = axis < 0 ? axis + rank : axis;
    all[front] = pads[i] as number;
    all[front + rank] = pads[i + named.length] as number;
  });
  const [begin, end] = [all.slice(0, rank), all.slice(rank)];
  const isSpatial = [begin[0], begin[1], end[0], end[1]].every((p) => p === 0) && all.every((p) => p >= 0);
  return rank > 2 && isSpatial ? [...begin.slice(2), ...end.slice(2)] : undefined;
}

/** Contents of an optional list input: empty when absent, undefined when computed. */
const listAt = (node: Node, index: number, shapes: Shapes): readonly number[] | undefined =>
  (node.inputs[index] ?? "") === "" ? [] : constantOf(shapes, node.inputs[index] as string);
