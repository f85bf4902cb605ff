// PreLayerNorm in a file's own graph. Oracles: invariance to each patch's scale and shift, which layer normalization has by its
// definition; ONNX Runtime runs what was written.
import { type Model, parseModel, serializeModel } from "@snellen/graph";
import { Tensor } from "onnxruntime-common";
import { describe, expect, it } from "vitest";
import { createNodeRuntime } from "../../node/runtime.ts";
import { describeModel } from "../../vision-model/describe.ts";
import { noise, textModel } from "../../vision-model/test-support/text-model.ts";
import { findPatchEmbedding } from "../find-patch-embedding.ts";
import type { PatchEmbedding } from "../patch-embedding.ts";
import { recordedEmbeddings, recordedModel } from "../test-support/recorded.ts";
import { insertPreLayerNorm } from "./insert-prelayernorm.ts";
import { type Affine, normalizesAfter, normalizesBefore, type PreLayerNormMode } from "./prelayernorm.ts";
import { requireMode, whyNotBefore } from "./refusals.ts";

const [D, K] = [6, 12];

interface NetworkText {
  readonly opset?: number;
  readonly width?: number | string;
  readonly type?: string;
  readonly conv?: string;
}

/** Patches of 2x2 of a picture of 4 rows, with row positions that any number of columns can have; a map throughout. */
const networkText = ({
  opset = 17,
  width = 4,
  type = "float",
  conv = "strides = [2, 2]",
}: NetworkText = {}) =>
  `<ir_version: 8, opset_import: ["": ${opset}]>
  g (${type}[N,3,4,${width}] x, ${type}[${D},3,2,2] "embed.weight", ${type}[1,${D},2,1] pos, ${type}[${D},5] head) => (${type}[N,5] y) {
    c = Conv <${conv}> (x, "embed.weight") z = Add (c, pos) a = Abs (z) s = Mul (z, a) m = GlobalAveragePool (s) f = Flatten (m)
    y = MatMul (f, head) }`;

/** The same as tokens, cut by reshapes in front of a Linear. */
const UNFOLDED = `<ir_version: 8, opset_import: ["": 17]>
  g (float[N,3,4,4] x, float[${K},${D}] "embed.weight", float[1,4,${D}] pos, float[${D},5] head) => (float[N,5] y)
  <int64[6] split = {-1, 3, 2, 2, 2, 2}, int64[3] flat = {-1, 4, ${K}}, int64[1] one = {1}> {
    r = Reshape (x, split) t = Transpose <perm = [0, 2, 4, 1, 3, 5]> (r) v = Reshape (t, flat) c = MatMul (v, "embed.weight")
    z = Add (c, pos) a = Abs (z) s = Mul (z, a) m = ReduceMean <axes = [1], keepdims = 0> (s) y = MatMul (m, head) }`;

const affine = (size: number): Affine => {
  const next = noise(size);
  const some = () => Float64Array.from({ length: size }, () => 1 + next() / 2);
  return { scale: some(), bias: some() };
};

function embeddingOf(info: ReturnType<typeof describeModel>): PatchEmbedding {
  const found = findPatchEmbedding(info);
  if (!found.found) throw new Error(found.text);
  return found;
}

function mended(model: Model, mode: PreLayerNormMode, options = {}) {
  const info = describeModel(model, options);
  const found = embeddingOf(info);
  const [before, after] = [
    normalizesBefore(mode) ? affine(K) : null,
    normalizesAfter(mode) ? affine(D) : null,
  ];
  return insertPreLayerNorm(info, found, { before, after, epsilon: 1e-9 });
}

const runtime = createNodeRuntime();

/** Scores of one picture [3, 4, width]. */
async function scores(model: Model, values: Float32Array, height = 4): Promise<number[]> {
  const session = await runtime.createSession({ bytes: serializeModel(model), weights: {} }, { threads: 1 });
  try {
    const dims = [1, 3, height, values.length / 3 / height];
    const { y } = await session.run({ x: new Tensor("float32", values, dims) });
    return Array.from(y?.data as Float32Array);
  } finally {
    await session.dispose();
  }
}

const picture = (width = 4, seed = 1): Float32Array => {
  const next = noise(seed);
  return Float32Array.from({ length: 3 * 4 * width }, () => next());
};

/** Each 2x2 patch in its own way, or all alike. */
const altered = (
  values: Float32Array,
  of: (value: number, patch: number) => number,
  width = 4,
): Float32Array =>
  values.map((value, i) => {
    const [row, column] = [Math.floor(i / width) % 4, i % width];
    return of(value, Math.floor(row / 2) * Math.floor(width / 2) + Math.floor(column / 2));
  });

const apart = (a: readonly number[], b: readonly number[]): number =>
  Math.max(...a.map((value, i) => Math.abs(value - (b[i] as number)))) / Math.max(...b.map(Math.abs));

describe.each([13, 17, 20])("operator set %i", (opset) => {
  // the unfolded network's ReduceMean has its axes as an attribute, as up to operator set 17
  const networks = [textModel(networkText({ opset })), ...(opset === 17 ? [textModel(UNFOLDED)] : [])];

  it("before the projection: each patch's own contrast and brightness change nothing", async () => {
    for (const network of networks) {
      const { model } = mended(network, "before-projection");
      const values = picture();
      const other = altered(values, (value, patch) => (1.5 + patch) * value + patch - 1);
      expect(apart(await scores(model, other), await scores(model, values))).toBeLessThan(1e-5);
      expect(apart(await scores(network, other), await scores(network, values))).toBeGreaterThan(0.1);
    }
  });

  it("behind the projection: the scale of all colours changes nothing where there is no bias", async () => {
    for (const network of networks) {
      const { model } = mended(network, "after-projection");
      const [values, doubled] = [picture(), altered(picture(), (value) => 2 * value)];
      expect(apart(await scores(model, doubled), await scores(model, values))).toBeLessThan(1e-5);
      const shifted = altered(values, (value, patch) => value + patch);
      expect(apart(await scores(model, shifted), await scores(model, values))).toBeGreaterThan(0.01);
    }
  });

  it("both: names, weights, inputs, outputs and operator set stay, and it is found again", () => {
    const [network] = networks as [Model];
    const { model, before, after, module } = mended(network, "both");
    expect([before, after, module]).toEqual([
      { scale: "embed.patch_norm.weight", bias: "embed.patch_norm.bias" },
      { scale: "embed.norm.weight", bias: "embed.norm.bias" },
      "embed",
    ]);
    const again = parseModel(serializeModel(model));
    expect([again.opsets.get(""), again.graph.inputs, again.graph.outputs]).toMatchObject([
      opset,
      network.graph.inputs,
      network.graph.outputs,
    ]);
    for (const [name, tensor] of network.graph.initializers)
      expect(again.graph.initializers.get(name)?.data).toEqual(tensor.data);
    expect(model.graph.nodes.some(({ opType }) => opType === "LayerNormalization")).toBe(opset >= 17);
    const read = new Set(model.graph.nodes.flatMap((node) => node.inputs));
    expect([...model.graph.initializers.keys()].filter((name) => !read.has(name))).toEqual([]);
    const found = embeddingOf(describeModel(model));
    expect([found.isPreNormalized, found.normalizations]).toMatchObject([
      true,
      { before: [{ kind: "layer", channels: K }], between: [{ kind: "layer", channels: D }] },
    ]);
  });
});

it("γ and β are applied: as PyTorch's LayerNorm by its definition", async () => {
  const network = textModel(UNFOLDED);
  const { model } = mended(network, "before-projection");
  const { scale, bias } = affine(K);
  const values = picture();
  const patches = [0, 1, 2, 3].map((patch) =>
    [0, 1, 2].flatMap((c) =>
      [0, 1].flatMap((i) =>
        [0, 1].map(
          (j) => values[c * 16 + (2 * Math.floor(patch / 2) + i) * 4 + 2 * (patch % 2) + j] as number,
        ),
      ),
    ),
  );
  const normal = patches.map((p) => {
    const mean = p.reduce((a, b) => a + b) / K;
    const deviation = Math.sqrt(p.reduce((sum, v) => sum + (v - mean) ** 2, 0) / K + 1e-9);
    return p.map((v, k) => ((v - mean) / deviation) * (scale[k] as number) + (bias[k] as number));
  });
  const laid = Float32Array.from({ length: 48 }, (_, at) => {
    const [c, row, column] = [Math.floor(at / 16), Math.floor(at / 4) % 4, at % 4];
    const patch = normal[Math.floor(row / 2) * 2 + Math.floor(column / 2)] as number[];
    return patch[c * 4 + (row % 2) * 2 + (column % 2)] as number;
  });
  expect(apart(await scores(model, values), await scores(network, laid))).toBeLessThan(1e-5);
});

describe("sizes", () => {
  it("that the file leaves open stay open", async () => {
    const network = textModel(networkText({ width: "W" }));
    const { model } = mended(network, "both", { size: [4, 4] });
    for (const width of [4, 8, 7]) {
      const values = picture(width);
      const other = altered(values, (value, patch) => (1.5 + patch) * value + patch - 1, width);
      const found = await scores(model, values);
      expect(found.every(Number.isFinite)).toBe(true);
      // of 7 columns the last is in no patch
      if (width % 2 === 0) expect(apart(await scores(model, other), found)).toBeLessThan(1e-5);
    }
  });

  it("that are no multiple of the patch: what no patch holds does not count", async () => {
    const { model } = mended(textModel(networkText({ width: 5 })), "before-projection");
    const values = picture(5);
    const rest = values.map((value, i) => (i % 5 === 4 ? 100 : value));
    expect(await scores(model, rest)).toEqual(await scores(model, values));
  });

  it("of half precision stay: γ and β have the file's type", () => {
    for (const opset of [13, 17]) {
      const { model } = mended(textModel(networkText({ opset, type: "float16" })), "both");
      for (const name of ["embed.norm.weight", "embed.patch_norm.bias"])
        expect(model.graph.initializers.get(name)?.dataType).toBe("float16");
      expect(embeddingOf(describeModel(model)).isPreNormalized).toBe(true);
    }
  });
});

describe("exports of timm, torchvision and Hugging Face", () => {
  const files = ["timm_vit", "tv_vit", "hf_dinov2", "hf_vit", "reshaped"].flatMap((name) =>
    ["torchscript", "dynamo"].map((exporter) => `${name}.${exporter}`),
  );
  const known = recordedEmbeddings.map(({ file }) => file).filter((file) => files.includes(file));
  expect(known.length).toBeGreaterThan(5);

  it.each(known)("%s is normalized afterwards", (file) => {
    const info = describeModel(recordedModel(file));
    const found = embeddingOf(info);
    const size = 3 * found.projection.patch[0] * found.projection.patch[1];
    const norm = { before: affine(size), after: affine(found.width), epsilon: 1e-6 };
    const { model } = insertPreLayerNorm(info, found, norm);
    const { normalizations } = embeddingOf(describeModel(model));
    expect([normalizations.before.length, normalizations.between.length]).toEqual([1, 1]);
  });
});

describe("patches that cannot be normalized", () => {
  const refusal = (conv: string) =>
    whyNotBefore(embeddingOf(describeModel(textModel(networkText({ conv })))));

  it("by overlap or padding", () => {
    expect(refusal("strides = [2, 2]")).toBeUndefined();
    expect(refusal("strides = [2, 2], pads = [0, 0, 1, 1], kernel_shape = [2, 2]")).toBeUndefined();
    const shifted = networkText({ conv: "strides = [2, 2], pads = [0, 1, 0, 0], kernel_shape = [2, 2]" });
    expect(whyNotBefore(embeddingOf(describeModel(textModel(shifted))))).toMatch(/reach beyond/);
    const padded = embeddingOf(describeModel(textModel(networkText({ conv: "strides = [2, 1]", width: 5 }))));
    expect(whyNotBefore(padded)).toMatch(/overlap/);
    expect(() => requireMode(padded, "both")).toThrow(
      expect.objectContaining({ code: "cannot-normalize-patches", hint: "Write --mode after-projection." }),
    );
    expect(() => requireMode(padded, "after-projection")).not.toThrow();
  });

  it("as an earlier network's map is projected", () => {
    const hybrid = recordedModel("timm_hybrid.torchscript");
    expect(whyNotBefore(embeddingOf(describeModel(hybrid)))).toMatch(/earlier network/);
  });

  it("with pixels between them", () => {
    const gaps = embeddingOf(
      describeModel(
        textModel(
          networkText({ conv: "strides = [3, 3], kernel_shape = [2, 2]", width: 5 }).replace(
            "3,4,5] x",
            "3,5,5] x",
          ),
        ),
      ),
    );
    expect(whyNotBefore(gaps)).toMatch(/windows of 2x2, 3x3 apart/);
  });
});
