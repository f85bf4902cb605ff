// Layers whose mean over channels no pixel moves. Oracle: ONNX Runtime's own values of the layer for pictures of other pixels.
import { createBuilder, type Model, removeDead } from "@snellen/graph";
import { expect, it } from "vitest";
import { toFeatureMap } from "../../cam/feature-map.ts";
import { noise, openTextModel } from "../../vision-model/test-support/text-model.ts";
import type { VisionModel } from "../../vision-model/vision-model.ts";
import { accumulation } from "./accumulation.ts";
import { hasConstantMean } from "./constant-mean.ts";
import { measureField } from "./measure-field.ts";

/** Tokens [N, 8, 6] of a grid of 2 x 4. */
const network = (normalization: string, gamma = [2, 2, 2, 2, 2, 2]): string => `<opset_import: ["": 18]>
  g (float[N,3,8,16] image, float[6,3,4,4] w, float[3,6] h, float[1,8,6] pos) => (float[N,3] logits)
  <int64[3] shape = {0, 6, 8}, int64[1] one = {1}, int64[1] last = {-1}, float two = {2}, float tiny = {1e-5},
   float[6] gamma = {${gamma}}, float[6] beta = {1, 2, 3, 4, 5, -6}> {
    p = Conv <strides = [4,4]> (image, w) r = Reshape (p, shape) t = Transpose <perm = [0,2,1]> (r)
    ${normalization} act = Relu (features) pooled = ReduceMean <keepdims = 0> (act, one) ht = Transpose (h) logits = MatMul (pooled, ht) }`;

const FUSED = "features = LayerNormalization (t, gamma, beta)";
const DECOMPOSED = `m = ReduceMean (t, last) d = Sub (t, m) q = Pow (d, two) v = ReduceMean (q, last) e = Add (v, tiny)
  s = Sqrt (e) n = Div (d, s) g = Mul (n, gamma) features = Add (g, beta)`;
const TURNED = `k = LayerNormalization (t, gamma, beta) l = Transpose <perm = [1, 0, 2]> (k)
  features = Transpose <perm = [1, 0, 2]> (l)`;
const WITHOUT_MEAN = DECOMPOSED.replace("d = Sub (t, m)", "d = Identity (t)");
const [DEAD_PIXELS, REPLKNET] = [accumulation("dead-pixels"), accumulation("replknet")];

const images = (model: VisionModel) =>
  [1, 2].map((seed) => {
    const [height, width] = model.info.input.size;
    const values = Float32Array.from({ length: 3 * height * width }, noise(seed));
    return { source: `${seed}`, shape: [3, height, width] as const, values };
  });

/** By how much two pictures' means over channels differ, at the most, over all cells. */
async function difference(model: VisionModel): Promise<number> {
  const { value, layout } = model.layer("features");
  const build = (): Model => {
    const { model: graph, shapes } = model.info;
    const b = createBuilder({ ...graph, graph: { ...graph.graph, outputs: [] } }, shapes);
    b.output(b.op("ReduceMean", [toFeatureMap(b, value, layout), b.ints([1])], { keepdims: 0 }), "means");
    return removeDead(b.build());
  };
  const [outputs] = await model.run("means", build, images(model));
  const means = outputs?.means?.data as Float32Array;
  const cells = means.length / 2;
  return Math.max(
    ...Array.from({ length: cells }, (_, i) => Math.abs((means[i] ?? 0) - (means[cells + i] ?? 1))),
  );
}

const fieldOf = (model: VisionModel) =>
  measureField(
    model,
    images(model).map((image) => ({ source: image.source, read: async () => image })),
    { layer: "features" },
  );

it.each([
  ["LayerNormalization", FUSED],
  ["the same in single operators", DECOMPOSED],
  ["the same with its axes turned", TURNED],
  ["the same with positions added", `${FUSED.replace("features", "k")} features = Add (pos, k)`],
])("are those behind %s with equal γ: R is zero, and the cause is told", async (_, normalization) => {
  await using model = openTextModel(network(normalization));
  expect(await difference(model)).toBeLessThan(1e-6);
  const layer = model.layer("features");
  expect(hasConstantMean(model.info, layer, DEAD_PIXELS)).toBe(true);
  expect(hasConstantMean(model.info, layer, REPLKNET)).toBe(false);
  const field = await fieldOf(model);
  expect(field.map.values.every((v) => v === 0)).toBe(true);
  expect(field.reason).toMatch(/same γ for all channels .* a constant\.$/);
  expect(field.notes[0]).toMatch(/same γ for all channels .* choose a layer before it/);
});

it.each([
  ["other γ", FUSED, [2, 2, 2, 2, 2, 2.1]],
  ["a normalization that leaves the mean", WITHOUT_MEAN, undefined],
])("are none behind %s", async (_, normalization, gamma) => {
  await using model = openTextModel(network(normalization, gamma));
  expect(await difference(model)).toBeGreaterThan(1e-3);
  expect(hasConstantMean(model.info, model.layer("features"), DEAD_PIXELS)).toBe(false);
  expect((await fieldOf(model)).sum).toBeGreaterThan(1e-6);
});
