// The part of a network behind a feature layer as a model of its own, so that altered features run without what made them.
import {
  BATCH,
  batchAxisOf,
  dimsOf,
  type Node,
  removeDead,
  type Shapes,
  type TypedModel,
  takeTail,
  valuesReadBy,
} from "@snellen/graph";
import { readsShapeOnly } from "../../vision-model/shape-only.ts";

/**
 * The model from `layer` to its outputs. Besides the layer it takes
 *
 * 1. what it reads of the image past the layer, such as skip connections. These values have the batch as an axis of its own or
 *    are one for all pictures, so that those of one picture may be repeated; a value that merges the batch with something else
 *    (windows, heads) is computed anew from values that do not;
 * 2. inputs besides the image.
 *
 * @param image name of the image input
 */
export function cutBehind(whole: TypedModel, layer: string, image: string): TypedModel {
  const { model, shapes } = whole;
  const { nodes, inputs } = removeDead(model).graph;
  const others = inputs.map((v) => v.name).filter((name) => name !== image);
  const behind = dependents(nodes, [layer, ...others]);
  const ofImage = dependents(
    nodes.filter((node) => !readsShapeOnly(node)),
    [image],
  );
  const producers = new Map(nodes.flatMap((node) => node.outputs.map((name) => [name, node] as const)));
  const crossing = new Set<string>();
  const cross = (name: string): void => {
    if (behind.has(name) || !ofImage.has(name)) return;
    const node = producers.get(name);
    if (node === undefined || isRepeatable(shapes, name)) crossing.add(name);
    else for (const input of valuesReadBy(node)) cross(input);
  };
  for (const node of nodes) {
    const read = valuesReadBy(node);
    if (read.some((name) => behind.has(name))) for (const name of read) cross(name);
  }
  return { model: takeTail(model, shapes, [layer, ...crossing]), shapes };
}

/** Values that depend on one of these, and these. */
function dependents(nodes: readonly Node[], from: readonly string[]): Set<string> {
  const found = new Set(from);
  for (const node of nodes)
    if (valuesReadBy(node).some((name) => found.has(name)))
      for (const output of node.outputs) if (output !== "") found.add(output);
  return found;
}

const isRepeatable = (shapes: Shapes, name: string): boolean =>
  dimsOf(shapes, name)?.includes(BATCH) === false || batchAxisOf(shapes, name) !== undefined;
