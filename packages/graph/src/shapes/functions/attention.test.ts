import { it } from "vitest";
import { agreesWithRuntime } from "../test-support/agrees-with-runtime.ts";

const V23 = '<ir_version: 11, opset_import: ["": 23, "com.microsoft": 1]>';

it.each([
  `${V23} g (float[2,4,5,8] q, float[2,4,7,8] k, float[2,4,7,6] v) => (y) { y = Attention (q, k, v) }`,
  `${V23} g (float[2,4,5,8] q, float[2,2,7,8] k, float[2,2,7,6] v) => (y) { y = Attention (q, k, v) }`,
  `${V23} g (float[2,5,32] q, float[2,7,32] k, float[2,7,24] v) => (y) { y = Attention <q_num_heads = 4, kv_num_heads = 4> (q, k, v) }`,
  `${V23} g (float[2,4,5,8] q, float[2,4,7,8] k, float[2,4,7,6] v, float[2,4,3,8] pk, float[2,4,3,6] pv) => (y) { y, nk, nv, s = Attention (q, k, v, , pk, pv) }`,
  `${V23} g (float[2,4,5,8] x) => (y) <float[5,4] c = {1,1,1,1,1,1,1,1,1,1,1,1,1,1,1,1,1,1,1,1}, int64[2,5] p = {0,1,2,3,4,0,1,2,3,4}> { y = RotaryEmbedding (x, c, c, p) }`,
  `${V23} g (float[2,5,12] x, float[12,24] w, float[24] b) => (y) { y = com.microsoft.Attention <num_heads = 2> (x, w, b) }`,
  `${V23} g (float[2,5,12] q, float[2,7,12] k, float[2,7,12] v) => (y) { y = com.microsoft.MultiHeadAttention <num_heads = 2> (q, k, v) }`,
])("%s", agreesWithRuntime);
