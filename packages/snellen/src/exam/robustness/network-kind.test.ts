// Oracle: networks written by hand, and the embedded ones, whose kinds are known (models/README.md).
import { join } from "node:path";
import { expect, it } from "vitest";
import { openModel } from "../../node/open-model.ts";
import { openTextModel } from "../../vision-model/test-support/text-model.ts";
import { CNN, VIT } from "../test-support/altered.ts";
import { networkKind } from "./network-kind.ts";

const HEAD = `<ir_version: 9, opset_import: ["": 18]>`;
/** Patches become cells, then a product mixes channels. */
const PATCHES = `c = Conv <strides = [8,8]> (x, w) r = Reshape (c, tokens) t = Transpose <perm = [0,2,1]> (r)`;
const END = `u = Transpose <perm = [0,2,1]> (f) p = GlobalAveragePool (u) q = Flatten (p) y = Gemm (q, wy) }`;
const OUT = `=> (float[N,5] y) <int64[3] tokens = {0, 8, 16}>`;

it.each([
  ["convolutional", CNN],
  // the Softmax over classes is no attention
  ["convolutional", CNN.replace("y = Gemm (r, wy)", "z = Gemm (r, wy) y = Softmax (z)")],
  ["vision-transformer", VIT],
  [
    "normalized-transformer",
    VIT.replace("float[1,16,8] pos", "float[8] g1, float[8] b1, float[1,16,8] pos").replace(
      "z = Add (t, pos)",
      "n = LayerNormalization <axis = -1> (t, g1, b1) z = Add (n, pos)",
    ),
  ],
  // mixes channels of patches without a convolution that looks around
  [
    "other",
    `${HEAD} g (float[N,3,32,32] x, float[8,3,8,8] w, float[8,8] a, float[8,5] wy) ${OUT} { ${PATCHES} h = MatMul (t, a) f = Relu (h) ${END}`,
  ],
  // attention without positions, over a convolution that looks around
  [
    "other",
    `${HEAD} g (float[N,3,32,32] x, float[3,3,3,3] w0, float[8,3,8,8] w, float[8,5] wy) ${OUT} { x0 = Conv <pads = [1,1,1,1]> (x, w0)
      ${PATCHES.replace("(x, w)", "(x0, w)")} k = Transpose <perm = [0,2,1]> (t) s = MatMul (t, k) o = Softmax <axis = -1> (s) f = MatMul (o, t) ${END}`,
  ],
])("is %s", async (kind, text) => {
  await using model = openTextModel(text);
  expect(networkKind(model.info)).toBe(kind);
});

it.each([
  ["convolutional", "optotypes-cnn.onnx"],
  ["vision-transformer", "optotypes-vit.onnx"],
])("is %s of %s", async (kind, file) => {
  await using model = await openModel(join(import.meta.dirname, "../../../../../models", file));
  expect(networkKind(model.info)).toBe(kind);
});
