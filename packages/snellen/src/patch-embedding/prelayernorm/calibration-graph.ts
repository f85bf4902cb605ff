// The network's patch embedding with sums over patches as its outputs, from which γ and β are solved: what is read back does not grow
// with the number of pictures. Derived here.
import { BATCH, createBuilder, type GraphBuilder, type Model, makeTensor, removeDead } from "@snellen/graph";
import { asFloat } from "../../vision-model/as-float.ts";
import type { PatchEmbedding } from "../patch-embedding.ts";
import { addLayerNorm } from "./layer-norm-nodes.ts";
import { canonicalCutOf } from "./patch-cut.ts";
import { addPatchVectors } from "./patch-vectors.ts";
import type { Affine } from "./prelayernorm.ts";

/** Inputs and outputs of the graphs. */
export const SUMS = {
  /** Input [N]: 1 for pictures that count, 0 for what fills a batch up. */
  counted: "snellen_counted",
  n: "snellen_n",
  nn: "snellen_nn",
  t: "snellen_t",
  tt: "snellen_tt",
  tn: "snellen_tn",
  p: "snellen_p",
  np: "snellen_np",
  metric: "snellen_metric",
} as const;

/** Outputs n, nn, t, tt, tn: [D] each; n is the vectors of patches normalized, with `before` in front of the projection. */
export function channelSumsGraph(found: PatchEmbedding, before: Affine | null, epsilon: number): Model {
  const { b, counted } = opened(found);
  const t = embedded(b, found, found.projection.output);
  const own = before === null ? t : embedded(b, found, projectedAnew(b, found, before, epsilon));
  const n = unit(b, own, epsilon);
  const sum = (name: string, value: string) =>
    b.output(b.op("ReduceSum", [b.op("Mul", [value, counted]), b.ints([0, 1])], { keepdims: 0 }), name);
  sum(SUMS.n, n);
  sum(SUMS.nn, b.op("Mul", [n, n]));
  sum(SUMS.t, t);
  sum(SUMS.tt, b.op("Mul", [t, t]));
  sum(SUMS.tn, b.op("Mul", [t, n]));
  return removeDead(b.build());
}

/** Outputs n, p: [K]; nn, np and the metric EᵀE: [K, K]; t, tt: [D]. */
export function patchSumsGraph(found: PatchEmbedding, epsilon: number): Model {
  const { b, counted } = opened(found);
  const p = asFloat(b, patchesOf(b, found).flat);
  const n = unit(b, p, epsilon);
  const t = embedded(b, found, found.projection.output);
  const sum = (name: string, value: string) =>
    b.output(b.op("ReduceSum", [b.op("Mul", [value, counted]), b.ints([0, 1])], { keepdims: 0 }), name);
  sum(SUMS.n, n);
  sum(SUMS.p, p);
  sum(SUMS.t, t);
  sum(SUMS.tt, b.op("Mul", [t, t]));
  const rows = (value: string) => b.op("Reshape", [value, b.ints([-1, elementsOf(b, found)])]);
  const columns = b.op("Transpose", [rows(b.op("Mul", [n, counted]))], { perm: [1, 0] });
  b.output(b.op("MatMul", [columns, rows(n)]), SUMS.nn);
  b.output(b.op("MatMul", [columns, rows(p)]), SUMS.np);
  b.output(metricOf(b, found), SUMS.metric);
  return removeDead(b.build());
}

function opened({ graph: { model, shapes } }: PatchEmbedding): { b: GraphBuilder; counted: string } {
  const b = createBuilder({ ...model, graph: { ...model.graph, outputs: [] } }, shapes);
  const counted = b.op("Reshape", [b.input(SUMS.counted, "float32", [BATCH]), b.ints([-1, 1, 1])]);
  return { b, counted };
}

/** Without γ and β. */
function unit(b: GraphBuilder, x: string, epsilon: number): string {
  const size = b.dims(x).at(-1) as number;
  const filled = (value: number, name: string) =>
    b.tensor(makeTensor("float32", [size], new Array<number>(size).fill(value)), name);
  return normalized(b, x, filled(1, "ones"), filled(0, "zeros"), epsilon);
}

const normalized = (b: GraphBuilder, x: string, scale: string, bias: string, epsilon: number): string =>
  addLayerNorm(b, x, {
    rank: b.rank(x),
    axis: b.rank(x) - 1,
    epsilon,
    opset: b.opset,
    dataType: "float32",
    scale,
    bias,
  });

const patchCount = ({ grid }: PatchEmbedding): number => grid[0] * grid[1];

/** K: numbers of a patch. */
function elementsOf(b: GraphBuilder, found: PatchEmbedding): number {
  const { kind, input } = found.projection;
  if (kind === "unfold") return b.dims(input).at(-1) as number;
  const { channels, patch } = canonicalCutOf(found);
  return channels * patch[0] * patch[1];
}

/** What the projection gives as float32 [N, patches, D], patches in the order of `patchesOf`. */
function embedded(b: GraphBuilder, found: PatchEmbedding, output: string): string {
  const [count, { width }] = [patchCount(found), found];
  if (found.projection.kind === "unfold")
    return asFloat(b, b.op("Reshape", [output, b.ints([-1, count, width])]));
  const flat = b.op("Reshape", [output, b.ints([-1, width, count])]);
  return asFloat(b, b.op("Transpose", [flat], { perm: [0, 2, 1] }));
}

/** What the projection reads as [N, patches, K], and the way back. */
function patchesOf(
  b: GraphBuilder,
  found: PatchEmbedding,
): { readonly flat: string; readonly back: (flat: string) => string } {
  const { kind, input } = found.projection;
  const flattened = (value: string) =>
    b.op("Reshape", [value, b.ints([-1, patchCount(found), elementsOf(b, found)])]);
  if (kind === "unfold") {
    const back = (flat: string) => b.op("Reshape", [flat, b.op("Shape", [input])]);
    return { flat: flattened(input), back };
  }
  const { vectors, back } = addPatchVectors(b, input, canonicalCutOf(found));
  const [h, w] = found.grid;
  const onGrid = (flat: string) => b.op("Reshape", [flat, b.ints([-1, h, w, elementsOf(b, found)])]);
  return { flat: flattened(vectors), back: (flat) => back(onGrid(flat)) };
}

/** E·(γ ⊙ n + β) + b as the projection gives it. */
function projectedAnew(
  b: GraphBuilder,
  found: PatchEmbedding,
  { scale, bias }: Affine,
  epsilon: number,
): string {
  const { node, input, output, bias: shift } = found.projection;
  const { flat, back } = patchesOf(b, found);
  const vector = (values: Float64Array, name: string) =>
    b.tensor(makeTensor("float32", [values.length], values), name);
  const patches = normalized(b, asFloat(b, flat), vector(scale, "scale"), vector(bias, "bias"), epsilon);
  const typed = b.dataType(input) === "float32" ? patches : b.op("CastLike", [patches, input]);
  const projected = b.op(node.opType, [back(typed), ...node.inputs.slice(1)], node.attributes);
  const isBehind = output !== node.outputs[0] && shift !== null;
  return isBehind ? b.op("Add", [projected, shift]) : projected;
}

/** EᵀE, [K, K]. */
function metricOf(b: GraphBuilder, found: PatchEmbedding): string {
  const { kind, weight, node } = found.projection;
  const isTurned = kind === "conv" || (node.opType === "Gemm" && node.attributes.transB?.value === 1n);
  const rows = b.op("Reshape", [weight, b.ints(isTurned ? [found.width, -1] : [-1, found.width])]);
  const [first, second] = [rows, b.op("Transpose", [rows], { perm: [1, 0] })];
  return asFloat(b, b.op("MatMul", isTurned ? [second, first] : [first, second]));
}
