// Oracle: networks whose values are named here, so that it is known which of them are maps.
import { describe, expect, it } from "vitest";
import { describeModel } from "./describe.ts";
import { resolveLayer } from "./resolve-layer.ts";
import { textModel } from "./test-support/text-model.ts";

const STAGES =
  `g (float[N,3,16,16] x, float[8,3,3,3] w, float[8,8,3,3] w2, float[8,5] wy, float[1,8,1,1] wm) => (float[N,5] y, float[N,1] z)
  { [stage1_conv] s1 = Conv (x, w) [stage1_relu] s1r = Relu (s1) [mask] m = Conv (s1r, wm) [gate] g = Sigmoid (m) h = Mul (s1r, g)
    [stage2_conv] s2 = Conv (h, w2) [stage2_relu] f = Relu (s2) [pool] p = GlobalAveragePool (f) [flat] r = Flatten (p)
    y = Gemm (r, wy) [other] o = Relu (s1) q = GlobalMaxPool (o) qr = Flatten (q) z = ReduceSum <keepdims = 1> (qr, one) }`.replace(
    "\n  {",
    "\n  <int64[1] one = {1}> {",
  );

const info = describeModel(textModel(STAGES));

describe("resolveLayer", () => {
  it.each([
    ["auto", "f"],
    ["s1", "s1"],
    ["stage1_conv", "s1"],
    ["stage1", "s1r"],
    ["stage", "f"],
  ])("takes %s for the value %s", (wanted, value) => {
    expect(resolveLayer(info, wanted).value).toBe(value);
  });

  it.each(["", "stage1_cnov"])("refuses %j, names the default and what is near", (wanted) => {
    const refusal = expect.objectContaining({
      code: "unknown-layer",
      message: expect.stringMatching(/^--layer: no feature layer .*--layers\. The default is "f"\.$/),
    });
    expect(() => resolveLayer(info, wanted)).toThrow(refusal);
    if (wanted !== "")
      expect(() => resolveLayer(info, wanted)).toThrow('Did you mean "stage1_conv"? List them');
  });

  it.each([
    [
      "p",
      "no-spatial-extent",
      '"p" has no rows and columns, it is [N, 8, 1, 1]. The nearest layer is "f" (map 12x12)',
    ],
    ["flat", "no-spatial-extent", '"r" has no rows and columns, it is [N, 8]. The nearest layer is "f"'],
    ["y", "no-spatial-extent", '"y" has no rows and columns, it is [N, 5].'],
    ["gate", "unusable-layer", '"g" has a single channel, it is [N, 1, 14, 14]. The nearest layer is "s1r"'],
    [
      "o",
      "unusable-layer",
      '"o" does not lead to the scores, "y". To explain another output\'s layers, name it: --output',
    ],
  ])("says of %s, which exists, why it is no layer: %s", (wanted, code, message) => {
    expect(() => resolveLayer(info, wanted)).toThrow(
      expect.objectContaining({ code, message: expect.stringContaining(message) }),
    );
  });

  it("says of tokens of which only the class token is read that the others do not count", () => {
    const text = `g (float[N,3,8,8] x, float[8,3,4,4] w, float[1,1,8] token, float[8,8] wq, float[8,5] wy) => (float[N,5] y)
      <int64[3] patches = {0, 8, 4}, int64[2] one8 = {1, 8}, int64 zero = {0}>
      { c = Conv <strides = [4, 4]> (x, w) r = Reshape (c, patches) t = Transpose <perm = [0, 2, 1]> (r)
        b = Shape <start = 0, end = 1> (x) bs = Concat <axis = 0> (b, one8) cls = Expand (token, bs) e = Concat <axis = 1> (cls, t)
        k = MatMul (e, wq) kt = Transpose <perm = [0, 2, 1]> (k) s = MatMul (e, kt) p = Softmax (s) a = MatMul (p, e) h = Add (a, e)
        g = Gather <axis = 1> (h, zero) y = MatMul (g, wy) }`;
    const vit = describeModel(textModel(text));
    expect(() => resolveLayer(vit, "h")).toThrow(
      expect.objectContaining({
        code: "unusable-layer",
        message: expect.stringContaining(
          '"h" has a grid of 2x2 of which the scores do not read every position.',
        ),
      }),
    );
  });

  it("has nothing to offer where nothing is spatial", () => {
    const flat =
      "g (float[N,3,4,4] x, float[48,5] wy) => (float[N,5] y) { f = Flatten (x) y = Gemm (f, wy) }";
    const none = describeModel(textModel(flat));
    expect(() => resolveLayer(none, "f")).toThrow("cannot be explained by a feature map");
  });
});
