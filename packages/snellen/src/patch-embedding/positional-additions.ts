// Finds the sums in which something that does not follow the picture is added to a map or to tokens, another number at every position:
// what may be a positional embedding. Derived here.
import { elementCount, type GraphIndex, type Node } from "@snellen/graph";
import { parameterOf } from "../normalization/forms/support.ts";
import type { SpatialLayout } from "../vision-model/space.ts";
import { alignedDims, contentReaders, type EmbeddingContext, isMixed } from "./embedding-context.ts";
import type { PositionalEmbedding, PositionalOrigin } from "./patch-embedding.ts";

export interface PositionalAddition {
  readonly node: Node;
  /** What follows the picture. */
  readonly summand: string;
  /** What does not. */
  readonly positions: string;
  readonly sum: string;
  /** Of the sum. */
  readonly layout: SpatialLayout;
}

/** Those in front of any attention, in graph order; biases of normalizations over whole maps are none. */
export const positionalAdditions = (context: EmbeddingContext): PositionalAddition[] =>
  context.flow.nodes.flatMap((node) => {
    const addition = additionAt(context, node);
    return addition === undefined || isMixed(context, addition.summand) ? [] : [addition];
  });

function additionAt(context: EmbeddingContext, node: Node): PositionalAddition | undefined {
  const { flow, spaces } = context;
  const [first = "", second = "", ...others] = node.inputs;
  const isSum = node.domain === "" && (node.opType === "Add" || node.opType === "Sum") && others.length === 0;
  if (!isSum || flow.isImage(first) === flow.isImage(second) || flow.normalizationOf(node) !== undefined)
    return undefined;
  const [summand, positions] = flow.isImage(first) ? [first, second] : [second, first];
  const sum = node.outputs[0] as string;
  const layout = spaces.get(sum)?.layout;
  if (layout === undefined || !varies(context, positions, sum, layout)) return undefined;
  return { node, summand, positions, sum, layout };
}

/** Whether an operand has numbers of its own for every channel and for the positions along an axis of the grid. */
function varies(context: EmbeddingContext, operand: string, sum: string, layout: SpatialLayout): boolean {
  const whole = context.b.dims(sum);
  const dims = alignedDims(context, operand, whole.length);
  const { channelAxis, spatialAxes, grid } = layout;
  const isFull = (axis: number) => dims[axis] === whole[axis] && (whole[axis] ?? 0) > 1;
  return grid[0] * grid[1] > 1 && isFull(channelAxis) && spatialAxes.some(isFull);
}

/** Additions that follow one upon the other, from the first on. */
export function chainFrom(
  context: EmbeddingContext,
  first: PositionalAddition,
  all: readonly PositionalAddition[],
): readonly PositionalAddition[] {
  const chain = [first];
  for (let last = first; ; ) {
    const readers = contentReaders(context, last.sum);
    const next = all.find((other) => other.summand === last.sum);
    if (next === undefined || readers.length !== 1) return chain;
    chain.push(next);
    last = next;
  }
}

/** What there is to say of E_pos. @param width channels of it: no parameter behind it has fewer numbers */
export function positionalEmbedding(
  { flow: { index } }: EmbeddingContext,
  [first, ...further]: readonly [PositionalAddition, ...PositionalAddition[]],
  width: number,
): PositionalEmbedding {
  const { node, positions, layout } = first;
  const { nodes, parameters } = constantsBehind(index, positions, width);
  return {
    node,
    value: positions,
    origin: originOf(nodes),
    parameter: parameters.length === 1 ? parameterOf(index, parameters[0] as string) : null,
    coversOthers: layout.prefix + layout.suffix > 0,
    further: further.map((part) => ({ node: part.node, value: part.positions })),
  };
}

/** Nodes that a constant is computed by, and the floating-point parameters of at least so many numbers that it is computed from. */
export function constantsBehind(
  index: GraphIndex,
  value: string,
  least = 2,
): { nodes: Node[]; parameters: string[] } {
  const nodes = new Set<Node>();
  const seen = new Set([value]);
  for (const name of seen) {
    const node = index.producer(name);
    if (node === undefined) continue;
    nodes.add(node);
    for (const input of node.inputs) if (input !== "") seen.add(input);
  }
  const parameters = [...seen].filter((name) => {
    const tensor = index.initializer(name);
    return tensor?.dataType.startsWith("float") === true && elementCount(tensor.dims) >= least;
  });
  return { nodes: [...nodes], parameters };
}

/** What operators on the way from the parameters say, the most telling first. */
const ORIGINS: readonly (readonly [PositionalOrigin, RegExp])[] = [
  ["computed", /^(Sin|Cos)$/],
  ["interpolated", /^(Resize|Upsample)$/],
  ["computed", /^(Add|Mul|Sub|Div|Conv|MatMul|Gemm|Concat)$/],
  ["sliced", /^(Slice|Gather|Split|GatherND|GatherElements)$/],
];

const originOf = (nodes: readonly Node[]): PositionalOrigin =>
  ORIGINS.find(([, op]) => nodes.some((node) => op.test(node.opType)))?.[0] ?? "constant";
