// A part of a graph a second time, from another value: what follows a normalization, when its groups are others.
import { type GraphBuilder, InternalError, type Node } from "@snellen/graph";

/** Nodes on the paths from one value to another, in order. */
export function nodesBetween(nodes: readonly Node[], from: string, to: string): Node[] {
  const reached = new Set([from]);
  const forward = nodes.filter((node) => {
    const isReached = node.inputs.some((name) => reached.has(name));
    if (isReached) for (const name of node.outputs) reached.add(name);
    return isReached;
  });
  const needed = new Set([to]);
  return forward
    .reverse()
    .filter((node) => {
      const isNeeded = node.outputs.some((name) => name !== from && needed.has(name));
      if (isNeeded) for (const name of node.inputs) needed.add(name);
      return isNeeded;
    })
    .reverse();
}

/** Adds what `nodes` compute, with `instead` in the place of `value`; returns what stands for `output`. */
export function replay(
  b: GraphBuilder,
  nodes: readonly Node[],
  value: string,
  instead: string,
  output: string,
): string {
  const names = new Map([[value, instead]]);
  for (const node of nodes) {
    const inputs = node.inputs.map((name) => names.get(name) ?? name);
    const outputs = b.ops(node.opType, inputs, node.outputs.length, node.attributes, node.domain);
    node.outputs.forEach((name, i) => {
      names.set(name, outputs[i] as string);
    });
  }
  const found = names.get(output);
  if (found === undefined) throw new InternalError(`"${output}" does not follow from "${value}"`);
  return found;
}
