// Scaled dot-product attention and rotary embeddings in terms of MatMul, Softmax and slices.
// Source: ONNX operators Attention and RotaryEmbedding (opset 23 and later); Vaswani et al. 2017; Su et al. 2021.
import type { DataType } from "../../data-type.ts";
import { attr, type Node } from "../../model.ts";
import { BATCH } from "../../shapes/shapes.ts";
import { elementCount, makeTensor } from "../../tensor.ts";
import type { ExpandContext, ExpansionTable } from "../expand-operators.ts";
import { input } from "./support.ts";

export interface AttentionForm {
  /** Factor of the scores; default 1 / √(head size). */
  readonly scale?: number;
  readonly causal?: boolean;
  /** Scores become cap · tanh(scores / cap); 0 for none. */
  readonly softcap?: number;
  /** Broadcastable to [B, H, Sq, Sk]: boolean (true takes part) or added to the scores; "" for none. */
  readonly mask?: string;
  /** Protobuf code of the type that Softmax works in. */
  readonly softmaxType?: number;
}

/** [B, S, H·D] → [B, H, S, D]. */
export const splitHeads = ({ emit }: ExpandContext, x: string, heads: number): string =>
  emit.op("Transpose", [emit.op("Reshape", [x, emit.ints([0, 0, heads, -1])])], { perm: [0, 2, 1, 3] });

/** [B, H, S, D] → [B, S, H·D]. */
export const mergeHeads = ({ emit }: ExpandContext, x: string): string =>
  emit.op("Reshape", [emit.op("Transpose", [x], { perm: [0, 2, 1, 3] }), emit.ints([0, 0, -1])]);

const LOWEST: Readonly<Partial<Record<DataType, number>>> = {
  float16: -65504,
  float64: -Number.MAX_VALUE,
};
const lowestOf = (type: DataType): number => LOWEST[type] ?? -3.3895313892515355e38;

/** Attention over heads: q [B, H, Sq, D], k and v [B, H, Sk, D] → [result, scores, probabilities]. */
export function dotProductAttention(
  context: ExpandContext,
  [q, k, v]: readonly [string, string, string],
  form: AttentionForm,
): [result: string, scores: string, probabilities: string] {
  const { emit, dims, dataType, scalar } = context;
  const depth = dims(q)[3] as number;
  const scaled = emit.op("Mul", [q, scalar(form.scale ?? 1 / Math.sqrt(depth), q)]);
  const scores = emit.op("MatMul", [scaled, emit.op("Transpose", [k], { perm: [0, 1, 3, 2] })]);
  const masked = maskScores(context, capScores(context, scores, form.softcap ?? 0), form);
  const wide = form.softmaxType === undefined ? masked : emit.op("Cast", [masked], { to: form.softmaxType });
  const softmax = emit.op("Softmax", [wide], { axis: -1 });
  const probabilities = dataType(wide) === dataType(q) ? softmax : emit.op("CastLike", [softmax, q]);
  return [emit.op("MatMul", [probabilities, v]), scores, probabilities];
}

function capScores({ emit, scalar }: ExpandContext, scores: string, cap: number): string {
  if (cap === 0) return scores;
  const limit = scalar(cap, scores);
  return emit.op("Mul", [emit.op("Tanh", [emit.op("Div", [scores, limit])]), limit]);
}

function maskScores(context: ExpandContext, scores: string, { mask = "", causal }: AttentionForm): string {
  const { emit, dims, dataType, scalar, fail } = context;
  const keep = (condition: string, x: string): string =>
    emit.op("Where", [condition, x, scalar(lowestOf(dataType(x)), x)]);
  let result = scores;
  if (mask !== "") {
    if (dims(mask).at(-1) !== dims(scores).at(-1) && dims(mask).at(-1) !== 1)
      return fail("its mask is shorter than the keys");
    result = dataType(mask) === "bool" ? keep(mask, result) : emit.op("Add", [result, mask]);
  }
  if (!causal) return result;
  const [rows, columns] = dims(scores).slice(-2) as [number, number];
  if (rows === BATCH || columns === BATCH) return fail("is_causal over a length that follows the batch");
  const lower = Uint8Array.from({ length: elementCount([rows, columns]) }, (_, i) =>
    i % columns <= Math.floor(i / columns) ? 1 : 0,
  );
  return keep(emit.tensor(makeTensor("bool", [rows, columns], lower), "causal"), result);
}

/** Keys or values of fewer heads than queries: each serves a run of query heads. */
function repeatHeads({ emit, dims }: ExpandContext, x: string, times: number): string {
  if (times === 1) return x;
  const [, heads, length, depth] = dims(x) as [number, number, number, number];
  const wide = emit.op("Expand", [emit.op("Unsqueeze", [x, emit.ints([2])]), emit.ints([1, 1, times, 1, 1])]);
  return emit.op("Reshape", [wide, emit.ints([0, heads * times, length, depth])]);
}

/** Outputs: result, present key, present value, and the scores (mode 0) or the probabilities (mode 3). */
function standardAttention(node: Node, context: ExpandContext): readonly string[] {
  const { dims, fail, wants } = context;
  if ([4, 5].some((i) => input(node, i) !== "") || wants(1) || wants(2))
    return fail("past and present keys and values");
  if (input(node, 6) !== "") return fail("nonpad_kv_seqlen");
  if (["left_window_size", "right_window_size"].some((name) => attr.int(node, name, -1) !== -1))
    return fail("a sliding window");
  const mode = attr.int(node, "qk_matmul_output_mode", 0);
  if (wants(3) && mode !== 0 && mode !== 3) return fail(`qk_matmul_output_mode ${mode}`);
  const flat = dims(input(node, 0)).length === 3;
  const heads = (i: number, name: string): string =>
    flat ? splitHeads(context, input(node, i), attr.int(node, name)) : input(node, i);
  const [q, k, v] = [heads(0, "q_num_heads"), heads(1, "kv_num_heads"), heads(2, "kv_num_heads")];
  const times = (dims(q)[1] as number) / (dims(k)[1] as number);
  const [result, scores, probabilities] = dotProductAttention(
    context,
    [q, repeatHeads(context, k, times), repeatHeads(context, v, times)],
    {
      scale: node.attributes.scale === undefined ? undefined : attr.float(node, "scale"),
      causal: attr.int(node, "is_causal", 0) === 1,
      softcap: attr.float(node, "softcap", 0),
      mask: input(node, 3),
      softmaxType: attr.has(node, "softmax_precision") ? attr.int(node, "softmax_precision") : undefined,
    },
  );
  return [flat ? mergeHeads(context, result) : result, "", "", mode === 0 ? scores : probabilities];
}

/** Turns pairs of features by angles: (a, b) → (a cos - b sin, a sin + b cos); pairs are halves, or neighbours if interleaved. */
function rotaryEmbedding(node: Node, context: ExpandContext): string {
  const { emit, dims } = context;
  const x = input(node, 0);
  const flat = dims(x).length === 3;
  const heads = flat ? emit.op("Reshape", [x, emit.ints([0, 0, attr.int(node, "num_heads"), -1])]) : x;
  const positions = input(node, 3);
  const angles = (cache: string): string =>
    emit.op("Unsqueeze", [
      positions === "" ? cache : emit.op("Gather", [cache, positions], { axis: 0 }),
      emit.ints([flat ? 2 : 1]),
    ]);
  const [cos, sin] = [angles(input(node, 1)), angles(input(node, 2))];
  const depth = dims(heads)[3] as number;
  const turned = attr.int(node, "rotary_embedding_dim", 0) || depth;
  const [moving = heads, still] =
    turned === depth
      ? [heads]
      : emit.ops("Split", [heads, emit.ints([turned, depth - turned])], 2, { axis: -1 });
  const interleaved = attr.int(node, "interleaved", 0) === 1;
  const every = (start: number): string =>
    emit.op("Slice", [moving, emit.ints([start]), emit.ints([turned]), emit.ints([-1]), emit.ints([2])]);
  const [a, b] = interleaved ? [every(0), every(1)] : halves(context, moving, turned);
  const real = emit.op("Sub", [emit.op("Mul", [a, cos]), emit.op("Mul", [b, sin])]);
  const imaginary = emit.op("Add", [emit.op("Mul", [a, sin]), emit.op("Mul", [b, cos])]);
  const joined = interleaved
    ? weave(context, real, imaginary)
    : emit.op("Concat", [real, imaginary], { axis: -1 });
  const whole = still === undefined ? joined : emit.op("Concat", [joined, still], { axis: -1 });
  return flat ? emit.op("Reshape", [whole, emit.ints([0, 0, -1])]) : whole;
}

function halves({ emit }: ExpandContext, x: string, size: number): [string, string] {
  return emit.ops("Split", [x, emit.ints([size / 2, size / 2])], 2, { axis: -1 }) as [string, string];
}

/** Two tensors as alternating entries of the last axis. */
function weave({ emit }: ExpandContext, even: string, odd: string): string {
  const last = emit.ints([4]);
  const pairs = emit.op("Concat", [emit.op("Unsqueeze", [even, last]), emit.op("Unsqueeze", [odd, last])], {
    axis: 4,
  });
  return emit.op("Reshape", [pairs, emit.ints([0, 0, 0, -1])]);
}

export const attention: ExpansionTable = {
  Attention: standardAttention,
  RotaryEmbedding: rotaryEmbedding,
};
