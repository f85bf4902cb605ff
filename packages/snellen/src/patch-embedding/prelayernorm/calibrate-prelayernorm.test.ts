// Oracles: a case in which normalization loses nothing; γ and β moved a little, which must make z₀ worse by what two runs of the model
// measure; E·patch computed here in double precision.
import { tensorNumbers } from "@snellen/graph";
import { describe, expect, it } from "vitest";
import type { PreprocessedImage } from "../../images/image.ts";
import { noise, openModelData, textModel } from "../../vision-model/test-support/text-model.ts";
import type { VisionModel } from "../../vision-model/vision-model.ts";
import { findPatchEmbedding } from "../find-patch-embedding.ts";
import type { PatchEmbedding } from "../patch-embedding.ts";
import { calibratePreLayerNorm } from "./calibrate-prelayernorm.ts";
import { measureEmbeddingChange } from "./embedding-change.ts";
import { insertPreLayerNorm } from "./insert-prelayernorm.ts";
import { type Affine, type PreLayerNorm, preLayerNormModes } from "./prelayernorm.ts";

const [D, K] = [8, 12];
const SPEC = { mean: [0], std: [1], range: "0..1", resize: "squash" } as const;

/** Patches of 2x2 of a 4x4 picture as tokens; with a bias. */
const convolved = (batch: string | number = "N") =>
  textModel(`<ir_version: 8, opset_import: ["": 17]>
    g (float[${batch},3,4,4] x, float[${D},3,2,2] "embed.weight", float[${D}] "embed.bias", float[1,4,${D}] pos, float[${D},5] head)
    => (float[${batch},5] y) <int64[3] flat = {0, ${D}, 4}> {
      c = Conv <strides = [2, 2]> (x, "embed.weight", "embed.bias") r = Reshape (c, flat) t = Transpose <perm = [0, 2, 1]> (r)
      z = Add (t, pos) a = Abs (z) s = Mul (z, a) m = ReduceMean <axes = [1], keepdims = 0> (s) y = MatMul (m, head) }`);

const unfolded = () =>
  textModel(`<ir_version: 8, opset_import: ["": 17]>
    g (float[N,3,4,4] x, float[${K},${D}] "embed.weight", float[${D}] "embed.bias", float[1,4,${D}] pos, float[${D},5] head)
    => (float[N,5] y) <int64[6] split = {-1, 3, 2, 2, 2, 2}, int64[3] flat = {-1, 4, ${K}}> {
      r = Reshape (x, split) t = Transpose <perm = [0, 2, 4, 1, 3, 5]> (r) v = Reshape (t, flat) c = MatMul (v, "embed.weight")
      b = Add (c, "embed.bias") z = Add (b, pos) a = Abs (z) s = Mul (z, a) m = ReduceMean <axes = [1], keepdims = 0> (s)
      y = MatMul (m, head) }`);

/** Contrast and brightness of their own for every picture. */
const pictures = (count: number): PreprocessedImage[] => {
  const next = noise(3);
  return Array.from({ length: count }, (_, i) => {
    const [scale, shift] = [1 + next() / 2, next()];
    const values = Float32Array.from({ length: 48 }, () => scale * next() + shift);
    return { shape: [3, 4, 4] as const, values, source: `picture ${i}` };
  });
};

function embeddingOf({ info }: VisionModel): PatchEmbedding {
  const found = findPatchEmbedding(info);
  if (!found.found) throw new Error(found.text);
  return found;
}

const IMAGES = pictures(7);
const OPTIONS = { batch: 3 };

/** Squared error of z₀ with a normalization, by running the network with it. */
async function change(model: VisionModel, norm: PreLayerNorm) {
  const { model: graph } = insertPreLayerNorm(model.info, embeddingOf(model), norm);
  await using mended = openModelData(graph, SPEC);
  return await measureEmbeddingChange(model, mended, IMAGES, OPTIONS);
}

const moved = ({ scale, bias }: Affine, at: number, by: number): Affine =>
  at < scale.length
    ? { scale: scale.map((v, i) => (i === at ? v + by : v)), bias }
    : { scale, bias: bias.map((v, i) => (i === at - scale.length ? v + by : v)) };

describe.each([
  ["a convolution", convolved],
  ["a Linear", unfolded],
])("of %s", (_, network) => {
  it.each(preLayerNormModes)("%s: no γ or β near it changes z₀ less", async (mode) => {
    await using model = openModelData(network(), SPEC);
    const { norm, images, patches } = await calibratePreLayerNorm(model, embeddingOf(model), IMAGES, {
      mode,
      ...OPTIONS,
    });
    expect([images, patches, norm.before === null, norm.after === null]).toEqual([
      7,
      28,
      mode === "after-projection",
      mode === "before-projection",
    ]);
    const { z0Error } = await change(model, norm);
    expect(z0Error).toBeGreaterThan(0);
    // of both, the one behind the projection is solved for with the other as it is
    const last = norm.after === null ? "before" : "after";
    const affine = norm[last] as Affine;
    for (const at of [5, affine.scale.length + 3])
      for (const by of [-0.02, 0.02]) {
        const other = await change(model, { ...norm, [last]: moved(affine, at, by) });
        expect(other.z0Error).toBeGreaterThan(z0Error as number);
      }
  });
});

it("R² is the share of the variance of E·patch that two runs of the network leave", async () => {
  await using model = openModelData(convolved(), SPEC);
  const found = embeddingOf(model);
  const weights = tensorNumbers(model.info.model.graph.initializers.get("embed.weight") as never);
  const bias = tensorNumbers(model.info.model.graph.initializers.get("embed.bias") as never);
  const pos = tensorNumbers(model.info.model.graph.initializers.get("pos") as never);
  const vectors = IMAGES.flatMap(({ values }) =>
    [0, 1, 2, 3].map((patch) =>
      bias.map((b, d) => {
        const of = (k: number) => {
          const [c, i, j] = [Math.floor(k / 4), Math.floor(k / 2) % 2, k % 2];
          return values[c * 16 + (2 * Math.floor(patch / 2) + i) * 4 + 2 * (patch % 2) + j] as number;
        };
        return Array.from({ length: K }, (_, k) => (weights[d * K + k] as number) * of(k)).reduce(
          (a, v) => a + v,
          b,
        );
      }),
    ),
  );
  const centre = bias.map((_, d) => vectors.reduce((sum, v) => sum + (v[d] as number), 0) / vectors.length);
  const spread = vectors.flat().reduce((sum, v, i) => sum + (v - (centre[i % D] as number)) ** 2, 0);
  const size = vectors
    .flat()
    .reduce((sum, v, i) => sum + (v + (pos[(i % (4 * D)) as number] as number)) ** 2, 0);
  for (const mode of preLayerNormModes) {
    const { norm, r2 } = await calibratePreLayerNorm(model, found, IMAGES, { mode, ...OPTIONS });
    const { z0Error } = await change(model, norm);
    expect(r2).toBeCloseTo(1 - ((z0Error as number) ** 2 * size) / spread, 4);
  }
});

it("loses nothing where all patches have one mean and one norm", async () => {
  const text = `<ir_version: 8, opset_import: ["": 17]>
    g (float[N,3,4,4] x, float[1,${K},2,2] pos, float[${K},5] head) => (float[N,5] y)
    <float[${K},3,2,2] "embed.weight" = {${Array.from({ length: K * K }, (_, i) => Number(i % (K + 1) === 0)).join(", ")}}> {
      c = Conv <strides = [2, 2]> (x, "embed.weight") z = Add (c, pos) a = Abs (z) s = Mul (z, a) m = GlobalAveragePool (s)
      f = Flatten (m) y = MatMul (f, head) }`;
  await using model = openModelData(textModel(text), SPEC);
  const next = noise(8);
  const pattern = Array.from({ length: K }, () => 2 * next() + 0.5);
  // each patch has the same numbers, in an order of its own
  const images = Array.from({ length: 6 }, (_, n): PreprocessedImage => {
    const values = Float32Array.from({ length: 48 }, (_, at) => {
      const [c, row, column] = [Math.floor(at / 16), Math.floor(at / 4) % 4, at % 4];
      const patch = Math.floor(row / 2) * 2 + Math.floor(column / 2);
      const k = c * 4 + (row % 2) * 2 + (column % 2);
      return pattern[(k * [1, 5, 7, 11][patch % 4]! + 3 * n + patch) % K] as number;
    });
    return { shape: [3, 4, 4], values, source: `picture ${n}` };
  });
  for (const mode of preLayerNormModes) {
    const { norm, r2 } = await calibratePreLayerNorm(model, embeddingOf(model), images, { mode, batch: 4 });
    expect(r2).toBeCloseTo(1, 5);
    const { model: graph } = insertPreLayerNorm(model.info, embeddingOf(model), norm);
    await using mended = openModelData(graph, SPEC);
    const { z0Error, logitChange, stays } = await measureEmbeddingChange(model, mended, images, OPTIONS);
    expect(z0Error).toBeLessThan(1e-3);
    expect(logitChange).toBeLessThan(1e-3);
    expect(stays).toBe(1);
  }
});

it("what fills a fixed batch up does not count", async () => {
  await using free = openModelData(convolved(), SPEC);
  const info = { ...free.info, batch: { ...free.info.batch, fixed: 4 } };
  const fixed = free.altered(info, "fixed");
  for (const mode of preLayerNormModes) {
    const [a, b] = await Promise.all(
      [free, fixed].map((model) =>
        calibratePreLayerNorm(model, embeddingOf(free), IMAGES, { mode, batch: 7 }),
      ),
    );
    expect(b?.r2).toBeCloseTo(a?.r2 as number, 5);
    const last = (norm: PreLayerNorm | undefined) => [...((norm?.after ?? norm?.before)?.scale ?? [])];
    expect(last(b?.norm)).toEqual(last(a?.norm).map((v) => expect.closeTo(v, 3)));
  }
});

it("is of the pictures given, whatever was calibrated before", async () => {
  await using model = openModelData(convolved(), SPEC);
  const calibrated = (images: readonly PreprocessedImage[]) =>
    calibratePreLayerNorm(model, embeddingOf(model), images, { mode: "both", ...OPTIONS });
  const first = await calibrated(IMAGES.slice(0, 3));
  const second = await calibrated(IMAGES);
  await using fresh = openModelData(convolved(), SPEC);
  expect(second).toEqual(
    await calibratePreLayerNorm(fresh, embeddingOf(fresh), IMAGES, { mode: "both", ...OPTIONS }),
  );
  expect(second.norm.after?.scale).not.toEqual(first.norm.after?.scale);
});

it("stops when it is told to, and says how far it is", async () => {
  await using model = openModelData(convolved(), SPEC);
  const done: number[] = [];
  const options = { mode: "both", batch: 4, onProgress: (share: number) => done.push(share) } as const;
  await calibratePreLayerNorm(model, embeddingOf(model), IMAGES, options);
  expect(done).toEqual([4 / 14, 0.5, 11 / 14, 1].map((v) => expect.closeTo(v)));
  const run = calibratePreLayerNorm(model, embeddingOf(model), IMAGES, {
    ...options,
    signal: AbortSignal.abort(),
  });
  await expect(run).rejects.toThrow(/abort/i);
});
