// Layers that read every other pixel and have no kernel to pad: slices with a step, nearest-neighbour resizing.
// Slices that together read all pixels, as in patch merging, are none of them.
import { attr, dataTypeOf, dimsOf, isFloating, type Node, type Shapes } from "@snellen/graph";

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
  const sparse = new Set(sparseSlices(slices, { numbers, shapes }).filter(isMap));
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
  /** Counted from the front. */
  readonly axis: number;
  readonly step: number;
  readonly start: number;
}

interface Known {
  /** Contents of a small constant. */
  readonly numbers: (value: string) => readonly number[] | undefined;
  readonly shapes: Shapes | undefined;
}

/** Slices with an even step whose sisters do not take what they leave. ONNX: Slice 10. */
function sparseSlices(slices: readonly Node[], known: Known): Node[] {
  /** What a value is, so that two slices that cut alike are one. */
  const identity = new Map<string, string>();
  const identityOf = (value: string): string => identity.get(value) ?? value;
  const phases = new Map<string, Set<number>>();
  const steps: { node: Node; key: string; step: number }[] = [];
  for (const node of slices) {
    const source = identityOf(node.inputs[0] ?? "");
    const cuts = cutsOf(node, known);
    const strided = cuts.filter(({ step }) => step > 1);
    for (const { axis, step, start } of strided) {
      const key = `${source}|${axis}|${step}`;
      phases.set(key, (phases.get(key) ?? new Set()).add(remainder(start, step)));
      if (step % 2 === 0) steps.push({ node, key, step });
    }
    const text = strided.map(({ axis, step, start }) => `${axis}:${start}:${step}`).join(",");
    const isWhole = cuts.every(({ start, step }) => start === 0 && step === 1);
    if (strided.length > 0 || isWhole)
      identity.set(node.outputs[0] ?? "", isWhole ? source : `${source}|${text}`);
  }
  return steps.filter(({ key, step }) => (phases.get(key)?.size ?? 0) < step).map(({ node }) => node);
}

/** Rank of a map, taken where shapes are not known. */
const MAP_RANK = 4;

function cutsOf(node: Node, { numbers, shapes }: Known): Cut[] {
  const [starts, axes, steps] = [1, 3, 4].map((i) => numbers(node.inputs[i] ?? ""));
  const dims = shapes && dimsOf(shapes, node.inputs[0] ?? "");
  return (starts ?? []).map((start, i) => {
    const named = axes?.[i] ?? i;
    const axis = named < 0 ? named + (dims?.length ?? MAP_RANK) : named;
    const size = dims?.[axis] ?? 0;
    // an open size (none or 0) is taken for a multiple of the step
    return { axis, step: steps?.[i] ?? 1, start: start < 0 ? start + size : start };
  });
}

/** From 0 to below `step`, of negative numbers too. */
const remainder = (value: number, step: number): number => ((value % step) + step) % step;

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
