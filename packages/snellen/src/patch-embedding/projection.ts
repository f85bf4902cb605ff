// The layer that turns patches into vectors: which one it is, what it reads, and how its windows lie. Derived here.
import { attr, dimsOf, type Node } from "@snellen/graph";
import { isConstant } from "../normalization/forms/support.ts";
import { holdsSpace } from "../vision-model/space.ts";
import {
  alignedDims,
  contentReaders,
  type EmbeddingContext,
  laysOut,
  stretchBehind,
} from "./embedding-context.ts";
import type { EmbeddingValue, PatchProjection } from "./patch-embedding.ts";

/** What a layer is as a projection of patches; undefined where its output does not lie on a grid of positions. */
export function projectionAt(context: EmbeddingContext, node: Node): PatchProjection | undefined {
  const parts = node.opType === "Conv" ? convolution(context, node) : product(context, node);
  if (parts === undefined) return undefined;
  const { layers } = stretchBehind(context, parts.input);
  return { node, readsPixels: layers.length === 0, ...parts, ...biasOf(context, node) };
}

type Windows = Pick<PatchProjection, "kind" | "input" | "weight" | "patch" | "kernel" | "overlaps">;

function convolution({ shapes, spaces }: EmbeddingContext, node: Node): Windows | undefined {
  const [input = "", weight = ""] = node.inputs;
  const kernel = attr.ints(node, "kernel_shape") ?? dimsOf(shapes, weight)?.slice(2) ?? [];
  if (kernel.length !== 2 || spaces.get(node.outputs[0] as string)?.layout === undefined) return undefined;
  const [kh, kw] = kernel as [number, number];
  const [sh = 1, sw = 1] = attr.ints(node, "strides") ?? [];
  const dilated = (attr.ints(node, "dilations") ?? []).some((d) => d !== 1);
  const before = dimsOf(shapes, input)?.slice(2) ?? [];
  const after = dimsOf(shapes, node.outputs[0] as string)?.slice(2) ?? [];
  // whether the windows reach beyond the map tells padding of whatever kind
  // padding in front moves every window, even where as many fit without it
  const shifted = (attr.ints(node, "pads") ?? []).slice(0, 2).some((pad) => pad > 0);
  const padded =
    shifted ||
    [kh, kw].some((k, i) => ((after[i] ?? 1) - 1) * ([sh, sw][i] as number) + k > (before[i] ?? k));
  const overlaps = kh > sh || kw > sw || padded || (dilated && kh * kw > 1);
  return { kind: "conv", input, weight, patch: [sh, sw], kernel: [kh, kw], overlaps };
}

function product({ flow, spaces }: EmbeddingContext, node: Node): Windows | undefined {
  const isSupported =
    node.opType === "MatMul" || (node.opType === "Gemm" && attr.int(node, "transA", 0) === 0);
  const [input = "", weight = ""] = node.inputs;
  const from = spaces.get(input)?.space;
  const grid = spaces.get(node.outputs[0] as string)?.layout?.grid;
  if (!isSupported || flow.isImage(weight) || from === undefined || grid === undefined) return undefined;
  const last = from.axes.at(-1);
  const [ph, pw] = [from.grid[0] / grid[0], from.grid[1] / grid[1]];
  if (!Number.isInteger(ph) || !Number.isInteger(pw)) return undefined;
  if (ph * pw > 1 && (last === undefined || !holdsSpace(last))) return undefined;
  return { kind: "unfold", input, weight, patch: [ph, pw], kernel: [ph, pw], overlaps: false };
}

/** b, in the node or added along the channels right behind it. */
function biasOf(context: EmbeddingContext, node: Node): Pick<PatchProjection, "bias" | "output"> {
  const { flow, shapes } = context;
  const output = node.outputs[0] as string;
  const own = node.inputs[2] ?? "";
  if (own !== "") return { bias: own, output };
  const [reader, ...others] = contentReaders(context, output);
  const bias = reader?.inputs.find((name) => name !== output) ?? "";
  if (reader?.opType !== "Add" || others.length > 0 || !isConstant(flow.index, bias))
    return { bias: null, output };
  const rank = dimsOf(shapes, output)?.length ?? 0;
  const channelAxis = node.opType === "Conv" ? 1 : rank - 1;
  const isAlong = alignedDims(context, bias, rank).every((d, axis) => d === 1 || axis === channelAxis);
  return isAlong ? { bias, output: reader.outputs[0] as string } : { bias: null, output };
}

/**
 * The patches' vectors as they are handed on, laid out for the tokens or the map that follows.
 * @param within nodes in front of the addition
 */
export function tokensOf(
  context: EmbeddingContext,
  projection: PatchProjection,
  within: ReadonlySet<Node>,
): EmbeddingValue | undefined {
  let name = projection.output;
  let found = valueAt(context, name);
  for (;;) {
    const [reader, ...others] = contentReaders(context, name);
    if (reader === undefined || others.length > 0 || !laysOut(reader) || !within.has(reader)) return found;
    name = reader.outputs[0] as string;
    const next = valueAt(context, name);
    if (next !== undefined && next.layout.prefix + next.layout.suffix === 0) found = next;
  }
}

/** A value with its layout; undefined where it has none. */
export function valueAt({ spaces }: EmbeddingContext, name: string): EmbeddingValue | undefined {
  const layout = spaces.get(name)?.layout;
  return layout === undefined ? undefined : { name, layout };
}
