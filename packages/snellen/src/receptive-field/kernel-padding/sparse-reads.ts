// Layers that read every other pixel and have no kernel to pad: slices with a step, nearest-neighbour resizing.
// Slices that together read all pixels, as in patch merging, are none of them.
import { attr, dataTypeOf, describeNode, dimsOf, isFloating, type Node, type Shapes } from "@snellen/graph";

export interface SparseRead {
  readonly node: Node;
  readonly reason: string;
}

/** @param numbers contents of a small constant */
export function sparseReads(
  nodes: readonly Node[],
  numbers: (value: string) => readonly number[] | undefined,
  shapes: Shapes | undefined,
): SparseRead[] {
  const slices = nodes.filter((n) => n.opType === "Slice" && n.domain === "");
  const isMap = (node: Node): boolean =>
    shapes === undefined ||
    (isFloating(dataTypeOf(shapes, node.inputs[0] ?? "")) &&
      (dimsOf(shapes, node.inputs[0] ?? "")?.length ?? 0) === 4);
  const sparse = new Set(sparseSlices(slices, numbers).filter(isMap));
  return nodes.flatMap((node): SparseRead[] => {
    if (sparse.has(node))
      return [
        { node, reason: "takes every other pixel and has no kernel to pad; use a convolution instead." },
      ];
    if (isNearestShrinking(node, numbers, shapes))
      return [{ node, reason: "shrinks by picking single pixels; resize with antialiasing instead." }];
    return [];
  });
}

interface Cut {
  readonly axis: number;
  readonly step: number;
  readonly start: number;
}

/** Slices with an even step whose sisters do not take what they leave. ONNX: Slice 10. */
function sparseSlices(
  slices: readonly Node[],
  numbers: (value: string) => readonly number[] | undefined,
): Node[] {
  /** What a value is, so that two slices that cut alike are one. */
  const identity = new Map<string, string>();
  const identityOf = (value: string): string => identity.get(value) ?? value;
  const phases = new Map<string, Set<number>>();
  const steps: { node: Node; key: string; step: number }[] = [];
  for (const node of slices) {
    const source = identityOf(node.inputs[0] ?? "");
    const cuts = cutsOf(node, numbers);
    const strided = cuts.filter(({ step }) => step > 1);
    for (const { axis, step, start } of strided) {
      const key = `${source}|${axis}|${step}`;
      phases.set(key, (phases.get(key) ?? new Set()).add(start % step));
      if (step % 2 === 0) steps.push({ node, key, step });
    }
    const text = strided.map(({ axis, step, start }) => `${axis}:${start}:${step}`).join(",");
    const isWhole = cuts.every(({ start, step }) => start === 0 && step === 1);
    if (strided.length > 0 || isWhole)
      identity.set(node.outputs[0] ?? "", isWhole ? source : `${source}|${text}`);
  }
  return steps.filter(({ key, step }) => (phases.get(key)?.size ?? 0) < step).map(({ node }) => node);
}

function cutsOf(node: Node, numbers: (value: string) => readonly number[] | undefined): Cut[] {
  const [starts, axes, steps] = [1, 3, 4].map((i) => numbers(node.inputs[i] ?? ""));
  return (starts ?? []).map((start, i) => ({ axis: axes?.[i] ?? i, step: steps?.[i] ?? 1, start }));
}

function isNearestShrinking(
  node: Node,
  numbers: (value: string) => readonly number[] | undefined,
  shapes: Shapes | undefined,
): boolean {
  if (!["Resize", "Upsample"].includes(node.opType) || attr.string(node, "mode", "nearest") !== "nearest")
    return false;
  const scales = numbers(node.inputs[2] ?? "") ?? [];
  const [before, after] = [node.inputs[0], node.outputs[0]].map((name) =>
    shapes === undefined ? undefined : dimsOf(shapes, name ?? ""),
  );
  return (
    scales.some((scale) => scale < 1) ||
    (before !== undefined && after?.some((size, axis) => size < (before[axis] as number)) === true)
  );
}

/** How reports name a node: by its own name, or by what it makes. */
export const nodeTitle = (node: Node): string => node.name || (node.outputs[0] ?? describeNode(node));
