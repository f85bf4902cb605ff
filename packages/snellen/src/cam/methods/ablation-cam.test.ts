// Weights of Ablation-CAM. Oracle: the paper's definition by brute force in ONNX Runtime: the whole network once a channel, with
// the layer multiplied by a mask that is made here, element by element. Float32 in another order of summation: 1e-5 of the
// largest weight. pytorch-grad-cam's own maps are in library.test.ts.

import { join } from "node:path";
import { createBuilder, type Model, makeNode, serializeModel, withGraph } from "@snellen/graph";
import { InferenceSession, Tensor } from "onnxruntime-node";
import { describe, expect, it } from "vitest";
import type { PreprocessedImage } from "../../images/image.ts";
import { openModel } from "../../node/open-model.ts";
import type { FeatureLayer } from "../../vision-model/layers.ts";
import { noise, openTextModel } from "../../vision-model/test-support/text-model.ts";
import type { VisionModel } from "../../vision-model/vision-model.ts";
import { bindTargets } from "../targets/index.ts";
import { ablationCam } from "./ablation-cam.ts";

const FIXTURES = join(import.meta.dirname, "../fixtures");
const POOLED = "p = GlobalAveragePool (f) r = Flatten (p) y = Gemm (r, wy)";
const CNN = `g (float[N,3,8,8] x, float[6,3,3,3] w, float[6,5] wy) => (float[N,5] y) { c = Conv (x, w) f = Relu (c) ${POOLED} }`;

/** Name → how a network is opened, and the layer. */
const NETWORKS: Readonly<
  Record<string, readonly [open: () => VisionModel | Promise<VisionModel>, layer: string]>
> = {
  "a convolutional network": [() => openModel(join(FIXTURES, "cnn.onnx")), "auto"],
  "its first layer": [() => openModel(join(FIXTURES, "cnn.onnx")), "/Relu_output_0"],
  "tokens behind a class token": [() => openModel(join(FIXTURES, "vit.onnx")), "auto"],
  "tokens behind register tokens": [() => openModel(join(FIXTURES, "registers.onnx")), "auto"],
  "dense scores": [() => openModel(join(FIXTURES, "dense.onnx")), "auto"],
  "one score": [() => openModel(join(FIXTURES, "one-logit.onnx")), "auto"],
  "signed features inside a skip connection": [
    () =>
      openTextModel(`g (float[N,3,8,8] x, float[4,3,1,1] w, float[4,4,1,1] w2, float[7,5] wy) => (float[N,5] y)
        { c = Conv (x, w) s = Sigmoid (c) f = Conv (c, w2) t = Mul (f, s) v = Concat <axis = 1> (t, x)
          p = GlobalMaxPool (v) r = Flatten (p) y = Gemm (r, wy) }`),
    "f",
  ],
  "channels last": [
    () =>
      openTextModel(`g (float[N,8,8,3] x, float[6,3,3,3] w, float[6,5] wy) => (float[N,5] y) <int64[2] space = {1, 2}>
        { t = Transpose <perm = [0, 3, 1, 2]> (x) c = Conv (t, w) l = Transpose <perm = [0, 2, 3, 1]> (c) f = Relu (l)
          p = ReduceMean <keepdims = 0> (f, space) y = MatMul (p, wy) }`),
    "f",
  ],
  "rows that merge the batch with tokens": [
    () =>
      openTextModel(`g (float[N,3,16,16] x, float[8,3,4,4] w, float[8,8] w1, float[8] b1, float[8,5] wy) => (float[N,5] y)
        <int64[3] patches = {0, 8, 16}, int64[2] rows = {-1, 8}, int64[3] back = {-1, 16, 8}, int64[1] tokens = {1}>
        { c = Conv <strides = [4, 4]> (x, w) r = Reshape (c, patches) t = Transpose <perm = [0, 2, 1]> (r) m = Reshape (t, rows)
          h = Gemm (m, w1, b1) f = Add (m, h) s = Sigmoid (f) u = Reshape (s, back) p = ReduceMean <keepdims = 0> (u, tokens)
          y = MatMul (p, wy) }`),
    "f",
  ],
  "a batch that is fixed to one": [
    () =>
      openTextModel(`g (float[1,3,8,8] x, float[6,3,3,3] w, float[6,5] wy) => (float[1,5] y)
        { c = Conv (x, w) m = ReduceMean <keepdims = 0> (c) d = Sub (c, m) f = Relu (d) ${POOLED} }`),
    "f",
  ],
  "a batch that is fixed to two": [
    () =>
      openTextModel(`g (float[2,3,8,8] x, float[6,3,3,3] w, float[6,5] wy) => (float[2,5] y)
        { c = Conv (x, w) f = Relu (c) l, r = Split <axis = 0, num_outputs = 2> (f) s = Sigmoid (l) t = Sigmoid (r)
          v = Concat <axis = 0> (s, t) p = GlobalAveragePool (v) q = Flatten (p) y = Gemm (q, wy) }`),
    "f",
  ],
};

function pictureOf({ info }: VisionModel, seed = 1): PreprocessedImage {
  const [height, width] = info.input.size;
  const shape = [info.input.channels, height, width] as const;
  const values = Float32Array.from({ length: shape[0] * shape[1] * shape[2] }, noise(seed));
  return { source: `picture ${seed}`, shape, values };
}

/** The picture as the network's input, once for each place in its batch. */
function inputOf({ info: { batch, input } }: VisionModel, { values, shape }: PreprocessedImage): Tensor {
  const [channels, h, w] = shape;
  const one =
    input.layout === "NCHW"
      ? Array.from(values)
      : Array.from(values, (_, i) => values[(i % channels) * h * w + Math.floor(i / channels)] as number);
  const dims = input.layout === "NCHW" ? [channels, h, w] : [h, w, channels];
  const copies = batch.fixed ?? 1;
  return new Tensor("float32", Float32Array.from(Array(copies).fill(one).flat()), [copies, ...dims]);
}

/** The network with the layer's value multiplied by an input. */
function maskable({ info: { model, shapes, logits } }: VisionModel, { value }: FeatureLayer): Model {
  const nodes = model.graph.nodes.flatMap((node) => {
    if (!node.outputs.includes(value)) return [node];
    const outputs = node.outputs.map((name) => (name === value ? "unmasked" : name));
    return [{ ...node, outputs }, makeNode("Mul", ["unmasked", "mask"], [value])];
  });
  const b = createBuilder(withGraph(model, { outputs: [] }), shapes);
  b.input("mask", "float32", b.dims(value));
  b.output(logits.value);
  const { graph } = b.build();
  return { ...model, graph: { ...graph, nodes } };
}

/** Ones, and zeros where the grid's cells of a channel lie. */
function maskOf({ layout }: FeatureLayer, dims: readonly number[], channel: number): Tensor {
  const { kind, channelAxis, spatialAxes, prefix, suffix, grid } = layout;
  const tokens = prefix + grid[0] * grid[1] + suffix;
  const values = Float32Array.from({ length: dims.reduce((n, d) => n * d, 1) }, (_, i) => {
    const at = dims.map((d, axis) => Math.floor(i / dims.slice(axis + 1).reduce((n, e) => n * e, 1)) % d);
    const token = (at[spatialAxes[0] as number] as number) % tokens;
    const isCell = kind === "map" || (token >= prefix && token < tokens - suffix);
    return at[channelAxis] === channel && isCell ? 0 : 1;
  });
  return new Tensor("float32", values, dims);
}

/** Highest score of the first picture's class over all positions. */
function scoreOf({ info: { logits } }: VisionModel, output: Tensor, wanted: number): number {
  const { dims, data } = output;
  const behind = dims.slice(1);
  const size = behind.reduce((n, d) => n * d, 1);
  const step = behind.slice(logits.classAxis).reduce((n, d) => n * d, 1);
  const own = Array.from(data as Float32Array).slice(0, size);
  return Math.max(...own.filter((_, i) => Math.floor(i / step) % logits.classes === wanted));
}

/** (y − y_k) / y of every channel. */
async function lostShares(
  model: VisionModel,
  layer: FeatureLayer,
  picture: PreprocessedImage,
  wanted: number,
) {
  const { info } = model;
  const session = await InferenceSession.create(serializeModel(maskable(model, layer)), {
    intraOpNumThreads: 1,
    logSeverityLevel: 3,
  });
  const [few, more] = info.shapes.probes.map((types) => types.get(layer.value)?.dims ?? []);
  const dims = (few ?? []).map((d, i) => (more?.[i] ?? d) - d || d);
  const x = inputOf(model, picture);
  const without = async (channel: number): Promise<number> => {
    const found = await session.run({ [info.input.name]: x, mask: maskOf(layer, dims, channel) });
    return scoreOf(model, found[info.logits.value] as Tensor, wanted);
  };
  const score = await without(-1);
  const shares: number[] = [];
  for (let k = 0; k < layer.channels; k++) shares.push((score - (await without(k))) / score);
  await session.release();
  return shares;
}

const weightsOf = (
  model: VisionModel,
  layer: FeatureLayer,
  image: PreprocessedImage,
  target: string | number,
) => ablationCam.weights({ model, layer, image, target: bindTargets(model.info, target)[0] as never });

describe.each(Object.entries(NETWORKS))("weights on %s", (_, [open, name]) => {
  it("are the shares of the score that are lost without each channel", async () => {
    await using model = await open();
    const layer = model.layer(name);
    const picture = pictureOf(model);
    const wanted = model.info.logits.classes - 1;
    const expected = await lostShares(model, layer, picture, wanted);
    const weights = await weightsOf(model, layer, picture, wanted);
    const largest = Math.max(...expected.map(Math.abs));
    expect(largest).toBeGreaterThan(1e-3);
    expect(weights).toHaveLength(layer.channels);
    const worst = Math.max(...expected.map((v, k) => Math.abs(v - (weights[k] as number))));
    expect(worst / largest).toBeLessThan(1e-5);
  });
});

describe("ablation-cam", () => {
  it("weighs what is zero already by nothing", async () => {
    await using model = openTextModel(`g (float[N,3,8,8] x, float[6,3,3,3] w, float[6,5] wy) => (float[N,5] y)
        <float[1,6,1,1] few = {1, 0, 1, 0, 0, 0}> { c = Conv (x, w) o = Mul (c, few) f = Relu (o) ${POOLED} }`);
    const weights = await weightsOf(model, model.layer("f"), pictureOf(model), 0);
    expect([...weights].map((w) => w !== 0)).toEqual([true, false, true, false, false, false]);
  });

  it("keeps the class that had a rank on the picture as it is", async () => {
    await using model = openTextModel(CNN);
    const [layer, picture] = [model.layer("f"), pictureOf(model)];
    const { logits } = (await model.predict([picture]))[0] as { logits: Float32Array };
    const order = [...logits.keys()].sort((a, b) => (logits[b] as number) - (logits[a] as number));
    for (const rank of [1, 2, 5]) {
      const found = await weightsOf(model, layer, picture, `rank${rank}`);
      expect(found).toEqual(await weightsOf(model, layer, picture, order[rank - 1] as number));
    }
  });

  it("explains probabilities and differences of classes as well", async () => {
    await using model = openTextModel(CNN);
    const [layer, picture] = [model.layer("f"), pictureOf(model)];
    const scores = (await model.predict([picture]))[0]?.logits as Float32Array;
    const of = (target: string | number) => weightsOf(model, layer, picture, target);
    const [first, third, difference] = [await of(1), await of(3), await of("1 vs 3")];
    const [a, b] = [scores[1] as number, scores[3] as number];
    // y − y_k is linear in y
    for (const [k, weight] of difference.entries())
      expect(weight).toBeCloseTo(((first[k] as number) * a - (third[k] as number) * b) / (a - b), 4);
    expect((await of("probability:1")).some((weight) => weight !== 0)).toBe(true);
  });

  it("tells how far it is, and stops between batches when it is told to", async () => {
    const [open, name] = NETWORKS["a batch that is fixed to one"] as (typeof NETWORKS)[string];
    await using model = await open();
    const stop = new AbortController();
    const done: number[] = [];
    const weights = (onProgress: (share: number) => void) =>
      ablationCam.weights({
        model,
        layer: model.layer(name),
        image: pictureOf(model),
        target: bindTargets(model.info, 0)[0] as never,
        signal: stop.signal,
        onProgress,
      });
    await weights((share) => done.push(share));
    expect(done).toEqual([1, 2, 3, 4, 5, 6, 7].map((runs) => runs / 7));
    const until = weights((share) => share > 0.5 && stop.abort());
    await expect(until).rejects.toThrow(expect.objectContaining({ name: "AbortError" }));
  });

  it("runs batches of the size that a file fixes", async () => {
    for (const [size, words] of [
      [1, "one"],
      [2, "two"],
    ] as const) {
      const [open] = NETWORKS[`a batch that is fixed to ${words}`] as (typeof NETWORKS)[string];
      await using model = await open();
      expect(model.info.batch.fixed).toBe(size);
    }
  });
});
