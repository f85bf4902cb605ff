// Where a written-out normalization may begin: a mean of squares, the value that was squared, and the axes of the mean.
import { attr, constantOf, dimsOf, type Node } from "@snellen/graph";
import type { FormContext } from "../normalization.ts";
import { frontAxes, isConstant, permutationOf } from "./support.ts";

export interface Statistics {
  /** The value that the statistics are of, before changes of type and of the order of its axes. */
  readonly root: string;
  /** Axes of `root` that the means run over, ascending. */
  readonly axes: readonly number[];
}

const REDUCTIONS = new Set(["ReduceMean", "ReduceSum", "ReduceSumSquare", "GlobalAveragePool"]);

/** Whether a node is a mean or a sum over axes. */
export const takesStatistics = (node: Node, context: FormContext): boolean =>
  reducedAxes(node, context) !== undefined;

/** Axes that a mean or sum runs over, ascending; undefined when they are not known, or none. */
export function reducedAxes(node: Node, { shapes, opset }: FormContext): readonly number[] | undefined {
  const rank = dimsOf(shapes, node.inputs[0] ?? "")?.length;
  if (rank === undefined || !REDUCTIONS.has(node.opType) || node.domain !== "") return undefined;
  if (node.opType === "GlobalAveragePool") return Array.from({ length: rank - 2 }, (_, i) => i + 2);
  const name = node.inputs[1] ?? "";
  const given = attr.ints(node, "axes") ?? (name === "" ? [] : constantOf(shapes, name));
  if (given === undefined) return undefined;
  const isNoop = opset >= 13 && attr.int(node, "noop_with_empty_axes", 0) === 1;
  if (given.length === 0) return isNoop ? undefined : Array.from({ length: rank }, (_, i) => i);
  return frontAxes(given, rank);
}

/** Every mean of squares of a graph as where a normalization may begin; of one place the likelier reading first. */
export function statisticsIn(context: FormContext): Statistics[] {
  const found = new Map<string, Statistics>();
  for (const node of context.index.graph.nodes) {
    const axes = reducedAxes(node, context);
    if (axes === undefined) continue;
    for (const start of squaredBy(node, context)) {
      const statistics = plainValue(start, axes, context);
      if (!isConstant(context.index, statistics.root))
        found.set(`${statistics.root} ${statistics.axes}`, statistics);
    }
  }
  return [...found.values()];
}

/** The value whose squares a reduction averages, without the mean that was taken off it; both readings where it may be either. */
function squaredBy(node: Node, { index }: FormContext): string[] {
  const square = node.opType === "ReduceSumSquare" ? undefined : index.producer(node.inputs[0] ?? "");
  const base = square === undefined ? node.inputs[0] : baseOf(square);
  if (base === undefined || (square === undefined && node.opType !== "ReduceSumSquare")) return [];
  const difference = index.producer(base);
  if (difference?.opType !== "Sub" || difference.domain !== "") return [base];
  return [difference.inputs[0] as string, base];
}

const baseOf = ({ opType, domain, inputs: [a, b] }: Node): string | undefined =>
  domain === "" && ((opType === "Mul" && a === b) || opType === "Pow") ? a : undefined;

/** The value before Casts and Transposes, and the axes in its order. */
function plainValue(value: string, axes: readonly number[], context: FormContext): Statistics {
  const node = context.index.producer(value);
  const from = node?.inputs[0] ?? "";
  if (node === undefined || node.domain !== "") return { root: value, axes };
  if (node.opType === "Cast") return plainValue(from, axes, context);
  if (node.opType !== "Transpose") return { root: value, axes };
  const rank = dimsOf(context.shapes, value)?.length ?? 0;
  const order = permutationOf(node, rank);
  const moved = axes.map((axis) => order[axis] ?? axis).sort((a, b) => a - b);
  return plainValue(from, moved, context);
}
