// Oracles: labels written by hand from the code of real networks (all but the origin of E_pos, which the exporters decide), and names
// of values found by comparing their numbers with PyTorch's
// (tools/reference/patch_embeddings.py; timm 1.0.31, torchvision 0.29.2, transformers 5.23.0, torch 2.15.0).
import { existsSync, readFileSync } from "node:fs";
import { parseModel, renameValue } from "@snellen/graph";
import { describe, expect, it } from "vitest";
import { describeModel } from "../vision-model/describe.ts";
import { textModel } from "../vision-model/test-support/text-model.ts";
import { findPatchEmbedding } from "./find-patch-embedding.ts";
import type { PatchEmbedding, PatchEmbeddingSearch } from "./patch-embedding.ts";
import {
  type EmbeddingLabel,
  type RecordedEmbedding,
  recordedEmbeddings,
  recordedModel,
} from "./test-support/recorded.ts";

/** What was found, in the words of a label. */
function asLabel(search: PatchEmbeddingSearch): EmbeddingLabel {
  if (!search.found) return { found: false, reason: search.reason, positions: search.positions ?? null };
  const { projection, positional, normalizations } = search;
  const kinds = (which: keyof typeof normalizations) => normalizations[which].map(({ kind }) => kind);
  return {
    found: true,
    kind: projection.kind,
    patch: projection.patch,
    kernel: projection.kernel,
    overlaps: projection.overlaps,
    readsPixels: projection.readsPixels,
    bias: projection.bias !== null,
    grid: search.grid,
    width: search.width,
    layout: search.tokens.layout.kind,
    covers: positional.coversOthers,
    origin: positional.origin,
    others: search.others.map(({ kind, count, joined, place }) =>
      place === "behind-patches" ? [kind, count, joined, place] : [kind, count, joined],
    ),
    before: kinds("before"),
    between: kinds("between"),
    behind: kinds("behind"),
  };
}

/** The label as it holds for this exporter. */
const labelFor = ({ label, exporter }: RecordedEmbedding): EmbeddingLabel =>
  label.found && Array.isArray(label.origin)
    ? { ...label, origin: label.origin[exporter === "torchscript" ? 0 : 1] as string }
    : label;

describe.each(recordedEmbeddings)("$file, opset $opset", (record) => {
  const search = findPatchEmbedding(describeModel(recordedModel(record.file)));

  it("is what the network's code says", () => {
    expect(asLabel(search)).toEqual(labelFor(record));
    if (!search.found) expect(search.text).toMatch(/^[a-z].*\.$/);
  });

  const { projection = [], z0 = [] } = record.values;
  if (projection.length > 0 && search.projection !== undefined)
    it("names the vectors of patches", () => {
      expect(projection).toContain(search.projection?.output);
      if (search.found) expect(projection).toContain(search.tokens.name);
    });

  if (z0.length > 0 && search.found)
    it("names what the first block reads", () => {
      expect(z0).toContain(search.z0.name);
    });
});

it("has fixtures of every kind", () => {
  const labels = recordedEmbeddings.map(({ label }) => label);
  expect(labels.filter(({ found }) => found).length).toBeGreaterThan(50);
  expect(labels.filter(({ found }) => !found).length).toBeGreaterThan(20);
});

const shared = new URL("../../../../../shared/models/", import.meta.url);
const embedded = new URL("../../../../models/", import.meta.url);

describe("trained networks", () => {
  const common = { found: true, kind: "conv", overlaps: false, readsPixels: true, bias: true, covers: true };
  it.each([
    [new URL("optotypes-vit.onnx", embedded), { patch: [8, 8], grid: [8, 8], width: 96 }],
    [new URL("cifar10_vit_smmk47_legacy.onnx", shared), { patch: [4, 4], grid: [8, 8], width: 128 }],
    [new URL("cifar10_vit_smmk47_dynamo.onnx", shared), { patch: [4, 4], grid: [8, 8], width: 128 }],
  ])("%s", (file, expected) => {
    if (!existsSync(file)) return;
    const search = findPatchEmbedding(describeModel(parseModel(readFileSync(file))));
    expect(asLabel(search)).toMatchObject({ ...common, ...expected, origin: "constant" });
    expect((search as PatchEmbedding).others).toMatchObject([{ kind: "class", count: 1 }]);
  });

  it("is no CNN", () => {
    const model = parseModel(readFileSync(new URL("optotypes-cnn.onnx", embedded)));
    expect(findPatchEmbedding(describeModel(model))).toMatchObject({ found: false, reason: "no-patches" });
  });
});

const search = (body: string, more = ""): PatchEmbeddingSearch =>
  findPatchEmbedding(
    describeModel(
      textModel(
        `g (float[N,3,8,8] x, float[8,3,4,4] w, float[1,4,8] pos, float[8,5] head${more}) => (float[N,5] y)
         <int64[3] flat = {0, 8, 4}, int64[1] one = {1}> { ${body} m = ReduceMean <keepdims = 0> (h, one) y = MatMul (m, head) }`,
      ),
    ),
  );

const PATCHES =
  "c = Conv <strides = [4, 4]> (x, w) r = Reshape (c, flat) t = Transpose <perm = [0, 2, 1]> (r)";

it("tells tokens by their own names, not by those of the modules that they are in", () => {
  const text = `g (float[N,3,8,8] x, float[8,3,4,4] w, float[1,1,8] token, float[1,5,8] pos, float[8,5] head) => (float[N,5] y)
    <int64[3] flat = {0, 8, 4}, int64[2] one8 = {1, 8}, int64 zero = {0}>
    { ${PATCHES} n = Shape <start = 0, end = 1> (x) size = Concat <axis = 0> (n, one8) k = Expand (token, size)
      z = Concat <axis = 1> (k, t) h = Add (z, pos) f = Gather <axis = 1> (h, zero) y = MatMul (f, head) }`;
  const { model } = renameValue(textModel(text), "token", "with_registers.embeddings.cls_token");
  expect(findPatchEmbedding(describeModel(model))).toMatchObject({ others: [{ kind: "class" }] });
});

/** A product of x and w as ONNX Runtime's dynamic quantization writes it. */
const quantized = (product: string, x: string, w: string, y: string): string =>
  `${x}q, ${x}s, ${x}z = DynamicQuantizeLinear (${x}) ${y}s = Mul (${x}s, ws) ${y}i = ${product} (${x}q, ${w}, ${x}z, wz)
   ${y}c = Cast <to = 1> (${y}i) ${y} = Mul (${y}c, ${y}s)`;

it.each([
  [
    "a convolution",
    "conv",
    `${quantized("ConvInteger <strides = [4, 4]>", "x", "kernels", "k")} c = Add (k, bias) r = Reshape (c, flat)
     t = Transpose <perm = [0, 2, 1]> (r)`,
    "int8[8,3,4,4] kernels",
  ],
  [
    "a product of unfolded pixels",
    "unfold",
    `a = Reshape (x, cut) p = Transpose <perm = [0, 2, 4, 3, 5, 1]> (a) u = Reshape (p, join)
     ${quantized("MatMulInteger", "u", "columns", "k")} t = Add (k, shift)`,
    "int8[48,8] columns",
  ],
])("may be quantized dynamically: %s", (_, kind, body, weights) => {
  const constants = `, ${weights}, float[1,8,1,1] bias, float[8] shift`;
  const text = `g (float[N,3,8,8] x, float[1,4,8] pos, float[8,5] head${constants}) => (float[N,5] y)
    <int64[3] flat = {0, 8, 4}, int64[6] cut = {0, 3, 2, 4, 2, 4}, int64[3] join = {0, 4, 48}, int64[1] one = {1},
     float ws = {0.02}, int8 wz = {0}>
    { ${body} h = Add (t, pos) m = ReduceMean <keepdims = 0> (h, one) y = MatMul (m, head) }`;
  expect(findPatchEmbedding(describeModel(textModel(text)))).toMatchObject({
    found: true,
    projection: { kind, patch: [4, 4], bias: kind === "conv" ? "bias" : "shift" },
    grid: [2, 2],
    width: 8,
  });
});

describe("what looks like a patch embedding", () => {
  it("may have its operands in either order", () => {
    expect(search(`${PATCHES} h = Add (pos, t)`)).toMatchObject({ found: true, sum: { name: "h" } });
    expect(search(`${PATCHES} h = Sum (t, pos)`)).toMatchObject({ found: true, summand: { name: "t" } });
  });

  it("is none where the vectors are used without positions too", () => {
    expect(search(`${PATCHES} s = Add (t, pos) h = Mul (s, t)`)).toMatchObject({
      found: false,
      reason: "used-without",
    });
  });

  it("is none where positions are added to the picture", () => {
    const body = `s = Add (x, grain) c = Conv <strides = [4, 4]> (s, w) r = Reshape (c, flat)
      h = Transpose <perm = [0, 2, 1]> (r)`;
    expect(search(body, ", float[1,3,8,8] grain")).toMatchObject({ found: false, reason: "no-projection" });
  });

  it("is none where attention comes first", () => {
    const body = `${PATCHES} k = MatMul (t, r) a = Softmax (k) v = MatMul (a, t) h = Add (v, pos)`;
    expect(search(body)).toMatchObject({ found: false, reason: "no-positions", positions: "none" });
  });

  it("is none where every position gets the same", () => {
    expect(search(`${PATCHES} h = Add (t, shift)`, ", float[1,1,8] shift")).toMatchObject({ found: false });
    expect(search(`${PATCHES} h = Add (t, place)`, ", float[1,4,1] place")).toMatchObject({ found: false });
  });
});
