// Shapes of attention as one operator.
// ONNX: Attention 23/24, RotaryEmbedding 23; com.microsoft::Attention, MultiHeadAttention.
import { attr } from "../../model.ts";
import { given, isPresent, likeFirst, type Outputs, type ShapeTable } from "./support.ts";

/** [batch, heads, tokens, size] of a rank-4 operand, or of a rank-3 one whose heads are an attribute. */
function headed(dims: readonly number[], heads: number): [number, number, number, number] {
  if (dims.length === 4) return dims as [number, number, number, number];
  const [batch, tokens, width] = dims as [number, number, number];
  return [batch, heads, tokens, width / heads];
}

/** Outputs: Y, present key, present value, and the scores Q·Kᵀ. */
const attention = given(3, (context, query, key, value): Outputs => {
  const { node, inputs } = context;
  const [batch, heads, queries] = headed(query.dims, attr.int(node, "q_num_heads", 1));
  const [, kvHeads, keys, keySize] = headed(key.dims, attr.int(node, "kv_num_heads", 1));
  const valueSize = headed(value.dims, kvHeads)[3];
  const past = isPresent(context, 4) ? inputs[4]?.dims[2] : 0;
  const { dataType } = query;
  const y =
    query.dims.length === 4 ? [batch, heads, queries, valueSize] : [batch, queries, heads * valueSize];
  if (past === undefined) return [{ dataType, dims: y }];
  return [
    { dataType, dims: y },
    { dataType: key.dataType, dims: [batch, kvHeads, past + keys, keySize] },
    { dataType: value.dataType, dims: [batch, kvHeads, past + keys, valueSize] },
    { dataType, dims: [batch, heads, queries, past + keys] },
  ];
});

/** com.microsoft::Attention: x [batch, tokens, width] by packed weights [width, q + k + v]. */
const packedAttention = given(2, ({ node }, x, weights) => {
  const sizes = attr.ints(node, "qkv_hidden_sizes");
  const width = sizes?.[2] ?? (weights.dims[1] as number) / 3;
  return [{ dataType: x.dataType, dims: [...x.dims.slice(0, -1), width] }];
});

/** com.microsoft::MultiHeadAttention with separate rank-3 (or transposed rank-4) query, key, value; other packings stay unknown. */
const multiHeadAttention = given(3, (_, query, key, value) => {
  if (query.dims.length !== 3) return [];
  const [batch, tokens] = query.dims as [number, number];
  const width =
    value.dims.length === 4 ? (value.dims[1] as number) * (value.dims[3] as number) : value.dims[2];
  return [{ dataType: key.dataType, dims: [batch, tokens, width as number] }];
});

export const attentionLayers: ShapeTable = {
  Attention: attention,
  RotaryEmbedding: likeFirst,
  "com.microsoft::Attention": packedAttention,
  "com.microsoft::MultiHeadAttention": multiHeadAttention,
  "com.microsoft::RotaryEmbedding": likeFirst,
};
