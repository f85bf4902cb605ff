// A tensor that is split into a sequence only to take its parts out again, as PyTorch's dynamo exporter writes split and chunk
// where its optimizer is off, is cut at once. Source: ONNX SplitToSequence 24, SequenceAt 11.
import { attr, type Model, makeNode, type Node, withGraph } from "../model.ts";
import { constantOf, dimsOf, type Shapes } from "../shapes/shapes.ts";
import { createEmitter, type Emitter, withEmitted } from "./emitter.ts";

/**
 * Case 1: SequenceAt of SplitToSequence, sizes and position known → Slice.
 * Case 2: the same into single places whose axis is not kept → Gather.
 *
 * What is left of the sequence nobody reads any more (`removeDead`); the types of what comes out have to be inferred again.
 */
export function openSequences(model: Model, shapes: Shapes): Model {
  const splits = new Map(
    model.graph.nodes.flatMap((node) =>
      node.opType === "SplitToSequence" && node.domain === "" ? [[node.outputs[0] as string, node]] : [],
    ),
  );
  if (splits.size === 0) return model;
  const emit = createEmitter(model);
  const nodes = model.graph.nodes.map((node) => {
    const split = node.opType === "SequenceAt" ? splits.get(node.inputs[0] as string) : undefined;
    return split === undefined ? node : (cut(node, split, shapes, emit) ?? node);
  });
  const changed = nodes.some((node, i) => node !== model.graph.nodes[i]);
  return changed ? withGraph(model, { nodes, initializers: withEmitted(model, emit) }) : model;
}

/** One part; undefined where its place is not known. */
function cut(node: Node, split: Node, shapes: Shapes, emit: Emitter): Node | undefined {
  const [x = "", sizes = ""] = split.inputs;
  const [position, ...others] = constantOf(shapes, node.inputs[1] ?? "") ?? [];
  const given = sizes === "" ? [1] : constantOf(shapes, sizes);
  if (position === undefined || others.length > 0 || given === undefined) return undefined;
  const axis = attr.int(split, "axis", 0);
  const { outputs, name } = node;
  if (sizes === "" && attr.int(split, "keepdims", 1) === 0)
    return makeNode("Gather", [x, emit.ints([position], [])], outputs, { name, attributes: { axis } });
  const isEqual = sizes === "" || dimsOf(shapes, sizes)?.length === 0;
  // the end of equal parts counts from the front only where their number is known
  if (position < 0 && isEqual) return undefined;
  const place = position < 0 ? position + given.length : position;
  const [start, end] = isEqual
    ? [place * (given[0] as number), (place + 1) * (given[0] as number)]
    : [sum(given.slice(0, place)), sum(given.slice(0, place + 1))];
  return makeNode("Slice", [x, emit.ints([start]), emit.ints([end]), emit.ints([axis])], outputs, { name });
}

const sum = (values: readonly number[]): number => values.reduce((a, b) => a + b, 0);
