// How much memory one more picture in a batch takes, from shapes alone, so that batches fit whatever the network and the layer.
import { byteLengthOf, elementCount, type Shapes, type TypedModel, valuesReadBy } from "@snellen/graph";

/**
 * Bytes of the values that must be held at once for each picture, at the node where they are most: a value lives from its node
 * to its last reader. What operators take for themselves while they work is not counted.
 */
export function bytesPerPicture({ model, shapes }: TypedModel): number {
  const { nodes, inputs, outputs } = model.graph;
  const lastReader = new Map(
    nodes.flatMap((node, i) => valuesReadBy(node).map((name) => [name, i] as const)),
  );
  for (const { name } of outputs) lastReader.set(name, nodes.length);
  const ending = new Map<number, string[]>();
  for (const [name, i] of lastReader) ending.set(i, [...(ending.get(i) ?? []), name]);
  const size = (name: string): number => grownBytes(shapes, name);
  let held = inputs.reduce((sum, { name }) => sum + size(name), 0);
  let most = held;
  nodes.forEach((node, i) => {
    held += node.outputs.reduce((sum, name) => sum + (lastReader.has(name) ? size(name) : 0), 0);
    most = Math.max(most, held);
    held -= (ending.get(i) ?? []).reduce((sum, name) => sum + size(name), 0);
  });
  return most;
}

/** Bytes by which a value grows with each picture. */
function grownBytes({ batches, probes }: Shapes, name: string): number {
  const [few, more] = probes.map((types) => types.get(name));
  if (few === undefined || more === undefined) return 0;
  const bytes = ({ dataType, dims }: typeof few) => byteLengthOf(dataType, elementCount(dims));
  return (bytes(more) - bytes(few)) / ((batches[1] as number) - (batches[0] as number));
}
