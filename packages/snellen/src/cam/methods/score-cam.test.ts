// Weights of Score-CAM. Oracle: the definition by brute force: masks made here, pixel by pixel, and the network once a channel in
// ONNX Runtime, one picture a run. Float32 in another order of operations, and scores under an exponential: 1e-4 of the largest
// weight. pytorch-grad-cam's own maps are in library.test.ts.
import { serializeModel } from "@snellen/graph";
import { InferenceSession, Tensor } from "onnxruntime-node";
import { describe, expect, it } from "vitest";
import type { PreprocessedImage } from "../../images/image.ts";
import { noise, openTextModel } from "../../vision-model/test-support/text-model.ts";
import type { VisionModel } from "../../vision-model/vision-model.ts";
import { bindTargets } from "../targets/index.ts";
import { scoreCam } from "./score-cam.ts";

const POOLED = "p = GlobalAveragePool (f) r = Flatten (p) s = Gemm (r, wy) y = Mul (s, ten)";
const WEIGHTS = "float[6,3,3,3] w, float[6,5] wy";
const TEN = "float ten = {10}";

/** Every network computes the same from its picture; `f` is [N, 6, 5, 7] or, channels last, [N, 5, 7, 6]. */
const NETWORKS: Readonly<Record<string, string>> = {
  "channels first": `g (float[N,3,12,16] x, ${WEIGHTS}) => (float[N,5] y) <${TEN}>
    { c = Conv <strides = [2, 2]> (x, w) f = Relu (c) ${POOLED} }`,
  "channels last": `g (float[N,12,16,3] x, ${WEIGHTS}) => (float[N,5] y) <${TEN}, int64[2] space = {1, 2}>
    { t = Transpose <perm = [0, 3, 1, 2]> (x) c = Conv <strides = [2, 2]> (t, w) l = Transpose <perm = [0, 2, 3, 1]> (c)
      f = Relu (l) p = ReduceMean <keepdims = 0> (f, space) s = MatMul (p, wy) y = Mul (s, ten) }`,
  bytes: `g (uint8[N,12,16,3] x, ${WEIGHTS}) => (float[N,5] y) <${TEN}, float scale = {0.01}>
    { b = Cast <to = 1> (x) n = Mul (b, scale) t = Transpose <perm = [0, 3, 1, 2]> (n) c = Conv <strides = [2, 2]> (t, w)
      f = Relu (c) ${POOLED} }`,
  "double precision": `g (double[N,3,12,16] x, ${WEIGHTS}) => (float[N,5] y) <${TEN}>
    { b = Cast <to = 1> (x) c = Conv <strides = [2, 2]> (b, w) f = Relu (c) ${POOLED} }`,
  "a batch that is fixed to one": `g (float[1,3,12,16] x, ${WEIGHTS}) => (float[1,5] y) <${TEN}>
    { c = Conv <strides = [2, 2]> (x, w) m = ReduceMean <keepdims = 0> (c) d = Sub (c, m) f = Relu (d) ${POOLED} }`,
  "a batch that is fixed to two": `g (float[2,3,12,16] x, ${WEIGHTS}) => (float[2,5] y) <${TEN}>
    { c = Conv <strides = [2, 2]> (x, w) f = Relu (c) l, q = Split <axis = 0, num_outputs = 2> (f)
      v = Concat <axis = 0> (l, q) p = GlobalAveragePool (v) r = Flatten (p) s = Gemm (r, wy) y = Mul (s, ten) }`,
};

const [C, H, W] = [3, 12, 16] as const;

function pictureOf({ info }: VisionModel): PreprocessedImage {
  const next = noise(5);
  const draw = info.input.dataType === "uint8" ? () => Math.floor(128 + 127 * next()) : next;
  return { source: "picture", shape: [C, H, W], values: Float32Array.from({ length: C * H * W }, draw) };
}

/** One picture [C, H, W], repeated, as the network takes it. */
function inputOf({ info: { input, batch } }: VisionModel, picture: readonly number[]): Tensor {
  const turned =
    input.layout === "NCHW" ? picture : picture.map((_, i) => picture[(i % C) * H * W + Math.floor(i / C)]);
  const copies = batch.fixed ?? 1;
  const values = Array(copies).fill(turned).flat() as number[];
  const dims = input.layout === "NCHW" ? [copies, C, H, W] : [copies, H, W, C];
  if (input.dataType === "uint8") return new Tensor("uint8", Uint8Array.from(values, Math.round), dims);
  if (input.dataType === "float64") return new Tensor("float64", Float64Array.from(values), dims);
  return new Tensor("float32", Float32Array.from(values), dims);
}

/** Bilinear, the outer cells' centres on the corners, then to 0 … 1; zeros where the map is the same everywhere. */
function maskOf(map: readonly number[], [h, w]: readonly [number, number]): number[] {
  const at = (y: number, x: number) => map[y * w + x] as number;
  const pixels = Array.from({ length: H * W }, (_, i) => {
    const [y, x] = [(Math.floor(i / W) * (h - 1)) / (H - 1), ((i % W) * (w - 1)) / (W - 1)];
    const [top, left] = [Math.min(Math.floor(y), h - 2), Math.min(Math.floor(x), w - 2)];
    const [down, right] = [y - top, x - left];
    const row = (r: number) => at(r, left) * (1 - right) + at(r, left + 1) * right;
    return row(top) * (1 - down) + row(top + 1) * down;
  });
  const [lowest, highest] = [Math.min(...pixels), Math.max(...pixels)];
  if (map.every((v) => v === map[0])) return pixels.map(() => 0);
  return pixels.map((v) => (v - lowest) / (highest - lowest + 1e-8));
}

async function byHand(model: VisionModel, picture: PreprocessedImage, wanted: number): Promise<number[]> {
  const { info } = model;
  const layer = model.layer("f");
  const { graph } = info.model;
  const outputs = [...graph.outputs, { name: "f", dataType: "float32" as const, dims: undefined }];
  const session = await InferenceSession.create(
    serializeModel({ ...info.model, graph: { ...graph, outputs } }),
    {
      intraOpNumThreads: 1,
      logSeverityLevel: 3,
    },
  );
  const run = async (values: readonly number[]) =>
    (await session.run({ x: inputOf(model, values) })) as Record<string, Tensor>;
  const { values } = picture;
  const f = (await run([...values])).f as Tensor;
  const [h, w] = layer.layout.grid;
  const [K, cells] = [layer.channels, h * w];
  const maps = Array.from({ length: K }, (_, k) =>
    Array.from({ length: cells }, (_, i) =>
      Number(f.data[layer.layout.channelAxis === 1 ? k * cells + i : i * K + k]),
    ),
  );
  const scores: number[] = [];
  for (const map of maps) {
    const mask = maskOf(map, [h, w]);
    const { y } = await run(Array.from(values, (v, i) => v * (mask[i % (H * W)] as number)));
    scores.push(Number(y?.data[wanted]));
  }
  await session.release();
  const highest = Math.max(...scores);
  const total = scores.reduce((sum, v) => sum + Math.exp(v - highest), 0);
  return scores.map((v) => Math.exp(v - highest) / total);
}

const weightsOf = (model: VisionModel, target: string | number, options = {}) =>
  scoreCam.weights({
    model,
    layer: model.layer("f"),
    image: pictureOf(model),
    target: bindTargets(model.info, target)[0] as never,
    ...options,
  });

describe.each(Object.entries(NETWORKS))("weights on %s", (_, text) => {
  it("are the scores of the masked pictures, under Softmax", async () => {
    await using model = openTextModel(text);
    const expected = await byHand(model, pictureOf(model), 2);
    const weights = await weightsOf(model, 2);
    const worst = Math.max(...expected.map((v, k) => Math.abs(v - (weights[k] as number))));
    expect(worst / Math.max(...expected)).toBeLessThan(1e-4);
    expect(Math.max(...expected) - Math.min(...expected)).toBeGreaterThan(0.01);
    expect(weights.reduce((sum, v) => sum + v, 0)).toBeCloseTo(1, 6);
  });
});

describe("score-cam", () => {
  /** Channels 1 and 3 are the same everywhere. */
  const flat = `g (float[N,3,12,16] x, ${WEIGHTS}) => (float[N,5] y) <${TEN}, float[1,6,1,1] some = {1, 0, 1, 0, 1, 1}, float[1,6,1,1] level = {0, 0, 0, 0.3, 0, 0}>
    { c = Conv <strides = [2, 2]> (x, w) d = Relu (c) e = Mul (d, some) f = Add (e, level) ${POOLED} }`;

  it("runs a picture of nothing once for all channels that are the same everywhere", async () => {
    await using model = openTextModel(flat);
    const done: number[] = [];
    const weights = await weightsOf(model, 1, { onProgress: (share: number) => done.push(share) });
    const expected = await byHand(model, pictureOf(model), 1);
    for (const [k, v] of expected.entries()) expect(weights[k]).toBeCloseTo(v, 5);
    expect(weights[1]).toBe(weights[3]);
    expect(done.at(-1)).toBe(1);
  });

  it("keeps the class that had a rank on the picture as it is", async () => {
    await using model = openTextModel(NETWORKS["channels first"] as string);
    const { classIndex } = (await model.predict([pictureOf(model)]))[0] as { classIndex: number };
    expect(await weightsOf(model, "top1")).toEqual(await weightsOf(model, classIndex));
  });

  it("stops between batches when it is told to", async () => {
    await using model = openTextModel(NETWORKS["a batch that is fixed to one"] as string);
    const stop = new AbortController();
    const until = weightsOf(model, 0, { signal: stop.signal, onProgress: () => stop.abort() });
    await expect(until).rejects.toThrow(expect.objectContaining({ name: "AbortError" }));
  });
});
