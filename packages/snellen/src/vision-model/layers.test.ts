// Layers of small networks of every kind. Oracle: what pytorch-grad-cam's users choose for such networks, and ONNX Runtime:
// every cell of the default layer must have a gradient.
import { describe, expect, it } from "vitest";
import { describeModel } from "./describe.ts";
import { resolveLayer } from "./resolve-layer.ts";
import { openTextModel, textModel } from "./test-support/text-model.ts";

/** A head on pooled channels. */
const HEAD = "p = GlobalAveragePool (f) f2 = Flatten (p) y = Gemm (f2, wy)";

/** Attention over tokens [N, 17, 8] with one head, from `n` to `a`. */
const ATTENTION = `q = MatMul (n, wq) k = MatMul (n, wk) v = MatMul (n, wv) kt = Transpose <perm = [0, 2, 1]> (k)
  s = MatMul (q, kt) p = Softmax (s) a = MatMul (p, v)`;
const ATTENTION_WEIGHTS = "float[8,8] wq, float[8,8] wk, float[8,8] wv";

/** Sixteen patches and a class token, [N, 17, 8]. */
const EMBEDDING = `c = Conv <strides = [4, 4]> (x, w) r = Reshape (c, patches) t = Transpose <perm = [0, 2, 1]> (r)
  b = Shape <start = 0, end = 1> (x) bs = Concat <axis = 0> (b, one8) cls = Expand (token, bs) e = Concat <axis = 1> (cls, t)`;
const EMBEDDING_WEIGHTS = "float[8,3,4,4] w, float[1,1,8] token";
const EMBEDDING_CONSTANTS = "int64[3] patches = {0, 8, 16}, int64[2] one8 = {1, 8}, int64 zero = {0}";

/** Four windows of four cells side by side, [place in the window, window]. */
const WINDOWS = "0, 4, 8, 12, 1, 5, 9, 13, 2, 6, 10, 14, 3, 7, 11, 15";

const RUNTIME = '<opset_import: ["" : 20, "com.microsoft" : 1]>';

type Row = readonly [graph: string, layer: string, kind: string, grid: [number, number], prefix: number];

/** Name → graph, the layer that people choose, its kind, its grid and the tokens before the grid. */
const NETWORKS: Readonly<Record<string, Row>> = {
  "convolutions, global pooling": [
    `g (float[N,3,16,16] x, float[8,3,3,3] w, float[8,5] wy) => (float[N,5] y)
     { c = Conv <strides = [2, 2]> (x, w) f = Relu (c) ${HEAD} }`,
    "f",
    "map",
    [7, 7],
    0,
  ],
  "convolutions, flattened": [
    `g (float[N,3,16,16] x, float[8,3,3,3] w, float[392,5] wy) => (float[N,5] y)
     { c = Conv (x, w) f = MaxPool <kernel_shape = [2, 2], strides = [2, 2]> (c) r = Flatten (f) y = Gemm (r, wy) }`,
    "f",
    "map",
    [7, 7],
    0,
  ],
  "channels last, pooled by a mean": [
    `g (float[N,16,16,3] x, float[8,3,3,3] w, float[8,5] wy) => (float[N,5] y) <int64[2] space = {1, 2}>
     { t = Transpose <perm = [0, 3, 1, 2]> (x) c = Conv (t, w) l = Transpose <perm = [0, 2, 3, 1]> (c) f = Relu (l)
       p = ReduceMean <keepdims = 0> (f, space) y = MatMul (p, wy) }`,
    "f",
    "map",
    [14, 14],
    0,
  ],
  "group normalization by reshapes": [
    `g (float[N,3,8,8] x, float[8,3,1,1] w, float[2] s, float[2] o, float[8,5] wy) => (float[N,5] y)
       <int64[3] groups = {0, 2, -1}, int64[4] whole = {0, 8, 8, 8}>
     { c = Conv (x, w) r = Reshape (c, groups) n = InstanceNormalization (r, s, o) m = Reshape (n, whole) f = Relu (m) ${HEAD} }`,
    "f",
    "map",
    [8, 8],
    0,
  ],
  "shuffled channels": [
    `g (float[N,3,8,8] x, float[8,3,1,1] w, float[8,5] wy) => (float[N,5] y)
       <int64[5] apart = {0, 2, 4, 8, 8}, int64[4] whole = {0, 8, 8, 8}>
     { c = Conv (x, w) r = Reshape (c, apart) t = Transpose <perm = [0, 2, 1, 3, 4]> (r) m = Reshape (t, whole) f = Relu (m) ${HEAD} }`,
    "f",
    "map",
    [8, 8],
    0,
  ],
  "class token, normalized before attention": [
    `g (float[N,3,16,16] x, ${EMBEDDING_WEIGHTS}, float[8] s1, ${ATTENTION_WEIGHTS}, float[8] s2, float[8,5] wy) => (float[N,5] y)
       <${EMBEDDING_CONSTANTS}>
     { ${EMBEDDING} n = LayerNormalization (e, s1) ${ATTENTION} h = Add (e, a) z = LayerNormalization (h, s2)
       g = Gather <axis = 1> (z, zero) y = MatMul (g, wy) }`,
    "n",
    "tokens",
    [4, 4],
    1,
  ],
  "class token, normalized after two attentions": [
    `g (float[N,3,16,16] x, ${EMBEDDING_WEIGHTS}, ${ATTENTION_WEIGHTS}, float[8] s1, float[8] s2, float[8,5] wy) => (float[N,5] y)
       <${EMBEDDING_CONSTANTS}, int64[1] from = {0}, int64[1] to = {1}, int64[1] tokens = {1}>
     { ${EMBEDDING} sum = Add (e, e) n = LayerNormalization (sum, s1) ${ATTENTION} h = Add (n, a) z = LayerNormalization (h, s2)
       g = Slice (z, from, to, tokens) f = Flatten (g) y = MatMul (f, wy) }`,
    "n",
    "tokens",
    [4, 4],
    1,
  ],
  "mean of all tokens": [
    `g (float[N,3,16,16] x, ${EMBEDDING_WEIGHTS}, ${ATTENTION_WEIGHTS}, float[8] s2, float[8,5] wy) => (float[N,5] y)
       <${EMBEDDING_CONSTANTS}, int64[1] from = {1}, int64[1] to = {99}, int64[1] tokens = {1}>
     { ${EMBEDDING} n = Identity (e) ${ATTENTION} h = Add (e, a) z = LayerNormalization (h, s2) g = Slice (z, from, to, tokens)
       m = ReduceMean <keepdims = 0> (g, tokens) y = MatMul (m, wy) }`,
    "z",
    "tokens",
    [4, 4],
    1,
  ],
  "normalization written out": [
    `g (float[N,3,16,16] x, ${EMBEDDING_WEIGHTS}, ${ATTENTION_WEIGHTS}, float[8] s1, float[8] b1, float[8,5] wy) => (float[N,5] y)
       <${EMBEDDING_CONSTANTS}, int64[1] last = {-1}, float two = {2}, float eps = {0.00001}>
     { ${EMBEDDING} sum = Add (e, e) mean = ReduceMean (sum, last) d = Sub (sum, mean) d2 = Pow (d, two) var = ReduceMean (d2, last)
       ve = Add (var, eps) sd = Sqrt (ve) u = Div (d, sd) us = Mul (u, s1) n = Add (us, b1) ${ATTENTION} h = Add (n, a)
       g = Gather <axis = 1> (h, zero) y = MatMul (g, wy) }`,
    "n",
    "tokens",
    [4, 4],
    1,
  ],
  "tokens merged with the batch": [
    `g (float[N,3,16,16] x, float[8,3,4,4] w, float[8,8] w1, float[8] b1, float[8,5] wy) => (float[N,5] y)
       <int64[3] patches = {0, 8, 16}, int64[2] rows = {-1, 8}, int64[3] back = {-1, 16, 8}, int64[1] tokens = {1}>
     { c = Conv <strides = [4, 4]> (x, w) r = Reshape (c, patches) t = Transpose <perm = [0, 2, 1]> (r) m = Reshape (t, rows)
       h = Gemm (m, w1, b1) f = Add (m, h) u = Reshape (f, back) p = ReduceMean <keepdims = 0> (u, tokens) y = MatMul (p, wy) }`,
    "f",
    "rows",
    [4, 4],
    0,
  ],
  "patches cut by a table of indices, as PyTorch exports Unfold": [
    `g (float[N,3,16,16] x, float[48,8] w, float[8] s1, float[8,5] wy) => (float[N,5] y) <int64[4,4] cut = {${WINDOWS}},
       int64[3] patches = {0, 48, 16}, int64[1] tokens = {1}>
     { rows = Gather <axis = 2> (x, cut) both = Gather <axis = 4> (rows, cut) t = Transpose <perm = [0, 1, 2, 4, 3, 5]> (both)
       r = Reshape (t, patches) u = Transpose <perm = [0, 2, 1]> (r) e = MatMul (u, w) f = LayerNormalization (e, s1)
       p = ReduceMean <keepdims = 0> (f, tokens) y = MatMul (p, wy) }`,
    "f",
    "tokens",
    [4, 4],
    0,
  ],
  "a convolution in every patch, then a layer over what it gave": [
    `g (float[N,3,16,16] x, float[8,3,3,3] wc, float[32,8] w, float[8] s1, float[8,5] wy) => (float[N,5] y)
       <int64[6] apart = {0, 3, 4, 4, 4, 4}, int64[4] patches = {-1, 3, 4, 4}, int64[3] whole = {-1, 16, 32}, int64[1] tokens = {1}>
     { a = Reshape (x, apart) t = Transpose <perm = [0, 2, 4, 1, 3, 5]> (a) m = Reshape (t, patches)
       c = Conv <strides = [2, 2], pads = [1, 1, 1, 1]> (m, wc) r = Reshape (c, whole) e = MatMul (r, w)
       f = LayerNormalization (e, s1) p = ReduceMean <keepdims = 0> (f, tokens) y = MatMul (p, wy) }`,
    "f",
    "tokens",
    [4, 4],
    0,
  ],
  "shifted windows and merged patches": [
    `g (float[N,3,16,16] x, float[8,3,4,4] w, ${ATTENTION_WEIGHTS}, float[16,8] wm, float[8] s2, float[8,5] wy) => (float[N,5] y)
       <int64[1] minus = {-1}, int64[1] zero1 = {0}, int64[1] one1 = {1}, int64[1] end = {99}, int64[1] row = {1},
        int64[6] cut = {-1, 2, 2, 2, 2, 8}, int64[3] windows = {-1, 4, 8}, int64[4] whole = {-1, 4, 4, 8},
        int64[6] pairs = {-1, 2, 2, 4, 1, 8}, int64[4] merged = {-1, 2, 4, 16}, int64[2] space = {1, 2}>
     { c = Conv <strides = [4, 4]> (x, w) e = Transpose <perm = [0, 2, 3, 1]> (c)
       below = Slice (e, one1, end, row) above = Slice (e, zero1, one1, row) rolled = Concat <axis = 1> (below, above)
       r = Reshape (rolled, cut) t = Transpose <perm = [0, 1, 3, 2, 4, 5]> (r) n = Reshape (t, windows) ${ATTENTION}
       r2 = Reshape (a, cut) t2 = Transpose <perm = [0, 1, 3, 2, 4, 5]> (r2) back = Reshape (t2, whole)
       above2 = Slice (back, minus, end, row) below2 = Slice (back, zero1, minus, row) unrolled = Concat <axis = 1> (above2, below2)
       h = Add (unrolled, e) h2 = Reshape (h, pairs) h3 = Transpose <perm = [0, 1, 3, 2, 4, 5]> (h2) h4 = Reshape (h3, merged)
       m = MatMul (h4, wm) z = LayerNormalization (m, s2) pool = ReduceMean <keepdims = 0> (z, space) y = MatMul (pool, wy) }`,
    "z",
    "map",
    [2, 4],
    0,
  ],
  "tokens unrolled in blocks and pooled by their maximum": [
    `g (float[N,3,16,16] x, float[8,3,2,2] w, float[8,5] wy) => (float[N,5] y)
       <int64[6] cut = {0, 4, 2, 4, 2, 8}, int64[4] blocks = {0, 4, 16, 8}, int64[1] first = {1}>
     { c = Conv <strides = [2, 2]> (x, w) e = Transpose <perm = [0, 2, 3, 1]> (c) r = Reshape (e, cut)
       t = Transpose <perm = [0, 2, 4, 1, 3, 5]> (r) u = Reshape (t, blocks) m = ReduceMax <keepdims = 0> (u, first)
       f = Add (m, m) pool = ReduceMean <keepdims = 0> (f, first) y = MatMul (pool, wy) }`,
    "f",
    "tokens",
    [4, 4],
    0,
  ],
  "two detection heads": [
    `g (float[N,3,16,16] x, float[8,3,2,2] w, float[8,8,2,2] w2, float[2,8,1,1] wa, float[2,8,1,1] wb) => (float[N,80,2] y)
       <int64[3] scores = {0, 2, -1}>
     { c = Conv <strides = [2, 2]> (x, w) f = Relu (c) a = Conv (f, wa) ar = Reshape (a, scores) at = Transpose <perm = [0, 2, 1]> (ar)
       d = Conv <strides = [2, 2]> (f, w2) d2 = Relu (d) e = Conv (d2, wb) er = Reshape (e, scores) et = Transpose <perm = [0, 2, 1]> (er)
       y = Concat <axis = 1> (at, et) }`,
    "f",
    "map",
    [8, 8],
    0,
  ],
  "scores at every pixel: a convolution of single positions and its enlargement come last": [
    `g (float[N,3,16,16] x, float[8,3,2,2] w, float[6,8,3,3] w2, float[4,6,1,1] wy) => (float[N,4,16,16] y) <float[4] scales = {1, 1, 2, 2}>
     { c = Conv <strides = [2, 2]> (x, w) f = Relu (c) d = Conv <pads = [1, 1, 1, 1]> (f, w2) e = Relu (d) s = Conv (e, wy)
       y = Resize <mode = "linear"> (s, "", scales) }`,
    "f",
    "map",
    [8, 8],
    0,
  ],
  "tokens for detections behind the grid's, fewer than classes": [
    `g (float[N,3,16,16] x, ${EMBEDDING_WEIGHTS}, float[1,5,8] queries, float[8] s1, ${ATTENTION_WEIGHTS}, float[8,6] wy) => (float[N,5,6] y)
       <${EMBEDDING_CONSTANTS}, int64[2] five8 = {5, 8}, int64[1] from = {-5}, int64[1] to = {99}, int64[1] tokens = {1}>
     { ${EMBEDDING} qs = Concat <axis = 0> (b, five8) more = Expand (queries, qs) all = Concat <axis = 1> (e, more)
       n = LayerNormalization (all, s1) ${ATTENTION} h = Add (all, a) g = Slice (h, from, to, tokens) y = MatMul (g, wy) }`,
    "n",
    "tokens",
    [4, 4],
    1,
  ],
  "positions by convolution, added to the grid's tokens only": [
    `g (float[N,3,16,16] x, ${EMBEDDING_WEIGHTS}, ${ATTENTION_WEIGHTS}, float[8] s1, float[8,8,3,3] wp, float[8,5] wy) => (float[N,5] y)
       <${EMBEDDING_CONSTANTS}, int64[1] from = {1}, int64[1] to = {99}, int64[1] tokens = {1}, int64[4] grid = {0, 8, 4, 4},
        int64[6] before = {0, 1, 0, 0, 0, 0}>
     { ${EMBEDDING} n = LayerNormalization (e, s1) ${ATTENTION} cut = Slice (v, from, to, tokens)
       ct = Transpose <perm = [0, 2, 1]> (cut) m = Reshape (ct, grid) pc = Conv <pads = [1, 1, 1, 1]> (m, wp)
       pr = Reshape (pc, patches) pt = Transpose <perm = [0, 2, 1]> (pr) pp = Pad (pt, before) h = Add (a, pp)
       g = Gather <axis = 1> (h, zero) y = MatMul (g, wy) }`,
    "n",
    "tokens",
    [4, 4],
    1,
  ],
  "quantized and back": [
    `g (float[N,3,8,8] x, float[8,3,3,3] w, float[8,5] wy) => (float[N,5] y) <float scale = {0.01}, int8 point = {0}>
     { c = Conv (x, w) r = Relu (c) q = QuantizeLinear (r, scale, point) f = DequantizeLinear (q, scale, point) ${HEAD} }`,
    "r",
    "map",
    [6, 6],
    0,
  ],
  "class token, biases quantized": [
    `g (float[N,3,16,16] x, ${EMBEDDING_WEIGHTS}, float[8] s1, float[8,8] wq, float[8,8] wk, float[8,8] wv, float[8,5] wy) => (float[N,5] y)
       <${EMBEDDING_CONSTANTS}, int8[8] bias = {1, 2, 3, 4, 5, 6, 7, 8}, float scale = {0.01}, int8 point = {0}>
     { ${EMBEDDING} n = LayerNormalization (e, s1) q = MatMul (n, wq) k = MatMul (n, wk) vw = MatMul (n, wv)
       vb = DequantizeLinear (bias, scale, point) v = Add (vw, vb) kt = Transpose <perm = [0, 2, 1]> (k) s = MatMul (q, kt)
       p = Softmax (s) a = MatMul (p, v) g = Gather <axis = 1> (a, zero) y = MatMul (g, wy) }`,
    "n",
    "tokens",
    [4, 4],
    1,
  ],
  "class token, tokens quantized by their range": [
    `g (float[N,3,16,16] x, ${EMBEDDING_WEIGHTS}, float[8] s1, ${ATTENTION_WEIGHTS}, float[8] s2, float[8,5] wy) => (float[N,5] y)
       <${EMBEDDING_CONSTANTS}>
     { ${EMBEDDING} n = LayerNormalization (e, s1) ${ATTENTION} h = Add (e, a) z = LayerNormalization (h, s2)
       zq, zs, zp = DynamicQuantizeLinear (z) zr = DequantizeLinear (zq, zs, zp) g = Gather <axis = 1> (zr, zero) y = MatMul (g, wy) }`,
    "n",
    "tokens",
    [4, 4],
    1,
  ],
  "fused by ONNX Runtime, convolutions": [
    `${RUNTIME} g (float[N,3,16,16] x, float[8,3,3,3] w, float[8] b, float[8,5] wy) => (float[N,5] y)
     { f = com.microsoft.FusedConv <activation = "Relu", strides = [2, 2]> (x, w, b) ${HEAD} }`,
    "f",
    "map",
    [7, 7],
    0,
  ],
  "fused by ONNX Runtime, attention": [
    `${RUNTIME} g (float[N,3,16,16] x, ${EMBEDDING_WEIGHTS}, float[8] s1, ${ATTENTION_WEIGHTS}, float[8] s2, float[8] b2, float[8,5] wy)
       => (float[N,5] y) <${EMBEDDING_CONSTANTS}>
     { ${EMBEDDING} n = LayerNormalization (e, s1) q = MatMul (n, wq) k = MatMul (n, wk) v = MatMul (n, wv)
       s = com.microsoft.FusedMatMul <transB = 1> (q, k) p = Softmax (s) a = MatMul (p, v) h = Add (e, a)
       u = LayerNormalization (h, s1) m = MatMul (u, wq) z = com.microsoft.SkipLayerNormalization (h, m, s2, b2) g = Gather <axis = 1> (z, zero) y = MatMul (g, wy) }`,
    "n",
    "tokens",
    [4, 4],
    1,
  ],
  "fused by ONNX Runtime, quantized convolutions": [
    `${RUNTIME} g (float[N,3,8,8] x, float[8,3,3,3] w, float[8,5] wy) => (float[N,5] y)
       <float scale = {0.01}, uint8 point = {128}, int8 zero = {0}, float wide = {0.05}>
     { xq = QuantizeLinear (x, wide, point) wq = QuantizeLinear (w, scale, zero)
       c = QLinearConv (xq, wide, point, wq, scale, zero, wide, point)
       r = com.microsoft.QLinearLeakyRelu <alpha = 0.1> (c, wide, point, wide, point) f = DequantizeLinear (r, wide, point) ${HEAD} }`,
    "r/LeakyRelu",
    "map",
    [6, 6],
    0,
  ],
};

const image = (h: number, w: number, seed: number) => ({
  width: w,
  height: h,
  data: Uint8Array.from({ length: h * w * 3 }, (_, i) => (i * 37 + seed * 101 + ((i * i) % 97)) % 256),
  source: `image ${seed}`,
});

describe.each(Object.entries(NETWORKS))("%s", (_, [text, layer, kind, grid, prefix]) => {
  it("has the layer that people choose, which every score depends on", async () => {
    await using model = openTextModel(text);
    expect(model.layer()).toMatchObject({ value: layer, layout: { kind, grid, prefix } });
    const [h, w] = model.info.input.size;
    const targets = [0, model.info.logits.classes - 1];
    for (const target of targets) {
      const [map] = await model.cam([image(h, w, target)], { method: "grad-cam", target });
      expect(map?.cells.dims).toEqual(grid);
      expect(map?.cells.values.some((v) => v !== 0)).toBe(true);
    }
  });
});

const CLASS_TOKEN = NETWORKS["class token, normalized before attention"]?.[0] as string;
const layersOf = (text: string) => describeModel(textModel(text)).layers;

describe("findFeatureLayers", () => {
  it("leaves out tokens behind the last attention, of which only the class token is read", () => {
    const values = layersOf(CLASS_TOKEN).layers.map((l) => l.value);
    expect(values).toEqual(expect.arrayContaining(["e", "n", "k", "v"]));
    for (const value of ["a", "h", "z"]) expect(values).not.toContain(value);
  });

  it("counts register tokens as tokens before the grid", () => {
    const registers = CLASS_TOKEN.replace("float[1,1,8] token", "float[1,5,8] token");
    expect(layersOf(registers).default).toMatchObject({ value: "n", layout: { prefix: 5, grid: [4, 4] } });
  });

  it("does not take cells that are cut off in every patch for cells that a stride joins", () => {
    const cut = `g (float[N,3,16,16] x, float[12,8] w, float[8] s1, float[8,5] wy) => (float[N,5] y)
       <int64[6] apart = {0, 3, 4, 4, 4, 4}, int64[4] patches = {-1, 3, 4, 4}, int64[3] whole = {-1, 16, 12}, int64[1] tokens = {1},
        int64[2] from = {0, 0}, int64[2] to = {2, 2}, int64[2] sides = {2, 3}>
     { a = Reshape (x, apart) t = Transpose <perm = [0, 2, 4, 1, 3, 5]> (a) m = Reshape (t, patches)
       c = Slice (m, from, to, sides) r = Reshape (c, whole) e = MatMul (r, w)
       f = LayerNormalization (e, s1) p = ReduceMean <keepdims = 0> (f, tokens) y = MatMul (p, wy) }`;
    expect(layersOf(cut).layers).toEqual([]);
  });

  it.each([
    ["that overlap", WINDOWS.replace("15", "14")],
    ["whose cells lie apart", "0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15"],
  ])("does not follow windows %s", (_, table) => {
    const [text] = NETWORKS["patches cut by a table of indices, as PyTorch exports Unfold"] as Row;
    expect(layersOf(text.replaceAll(WINDOWS, table)).layers).toEqual([]);
  });

  it("has no default where nothing spatial lies between image and scores", () => {
    const info = describeModel(
      textModel(
        "g (float[N,3,4,4] x, float[48,5] wy) => (float[N,5] y) { f = Flatten (x) y = Gemm (f, wy) }",
      ),
    );
    expect(info.layers).toEqual({ layers: [], partlyRead: [], default: undefined });
    expect(() => resolveLayer(info, "auto")).toThrow(expect.objectContaining({ code: "no-spatial-layer" }));
  });
});
