// R on small networks. Oracles: finite differences in ONNX Runtime, a map known in closed form, and that batches change nothing.
import { createBuilder, ImageError, type Model, removeDead } from "@snellen/graph";
import type { Tensor } from "onnxruntime-common";
import { describe, expect, it } from "vitest";
import { toFeatureMap } from "../../cam/feature-map.ts";
import { bindTargets } from "../../cam/targets/index.ts";
import type { PreprocessedImage } from "../../images/image.ts";
import { randomStream } from "../../random.ts";
import { noise, openTextModel } from "../../vision-model/test-support/text-model.ts";
import type { VisionModel } from "../../vision-model/vision-model.ts";
import { accumulation } from "./accumulation.ts";
import { addImages, emptySums } from "./effective.ts";
import { centreCell } from "./field-graph.ts";
import { fieldMapOf } from "./field-sum.ts";
import { noProgress, runFields } from "./run-fields.ts";

const CNN = `<ir_version: 9, opset_import: ["": 18]>
  agraph (float[N,3,12,8] image, float[4,3,3,3] w, float[5,4,3,3] v, float[3,5] h) => (float[N,3] logits) {
    a = Conv <strides = [2,2], pads = [1,1,1,1]> (image, w) b = Sigmoid (a)
    features = Conv <pads = [1,1,1,1]> (b, v) t = Tanh (features)
    mean = GlobalAveragePool (t) flat = Flatten (mean) ht = Transpose (h) logits = MatMul (flat, ht) }`;

/** Tokens of a grid of 2 x 4 behind a class token. */
const TOKENS = `<ir_version: 9, opset_import: ["": 18]>
  agraph (float[N,3,8,16] image, float[6,3,4,4] w, float[1,1,6] class, float[6,6] q, float[3,6] h) => (float[N,3] logits)
  <int64[3] shape = {0, 6, 8}, int64[1] zero = {0}, int64[1] one = {1}> {
    p = Conv <strides = [4,4]> (image, w) r = Reshape (p, shape) patches = Transpose <perm = [0,2,1]> (r)
    first = ReduceMean <keepdims = 1> (patches, one) cls = Sub (first, first) cls1 = Add (cls, class)
    tokens = Concat <axis = 1> (cls1, patches)
    k = MatMul (tokens, q) kt = Transpose <perm = [0,2,1]> (k) s = MatMul (tokens, kt)
    att = Softmax <axis = -1> (s) mixed = MatMul (att, k) features = Add (tokens, mixed)
    act = Tanh (features) pooled = ReduceMean <keepdims = 0> (act, one) ht = Transpose (h) logits = MatMul (pooled, ht) }`;

const imagesOf = (model: VisionModel, count: number): PreprocessedImage[] => {
  const [height, width] = model.info.input.size;
  return Array.from({ length: count }, (_, i) => {
    const next = noise(40 + i);
    const values = Float32Array.from({ length: 3 * height * width }, next);
    return { source: `${i}`, shape: [3, height, width], values };
  });
};

/** Values of the layer's centre, [K], by the model's own forward graph. */
async function centreValues(model: VisionModel, images: readonly PreprocessedImage[]): Promise<number[][]> {
  const layer = model.layer("features");
  const build = (): Model => {
    const { model: graph, shapes } = model.info;
    const b = createBuilder({ ...graph, graph: { ...graph.graph, outputs: [] } }, shapes);
    b.output(toFeatureMap(b, layer.value, layer.layout), "map");
    return removeDead(b.build());
  };
  const found = await model.run("map", build, images);
  const [row, column] = centreCell(layer);
  const [h, w] = layer.layout.grid;
  return found.flatMap((outputs) => {
    const { data, dims } = outputs.map as Tensor;
    const [n = 0, channels = 0] = dims;
    return Array.from({ length: n }, (_, i) =>
      Array.from({ length: channels }, (_, k) => Number(data[((i * channels + k) * h + row) * w + column])),
    );
  });
}

/** d unit / d pixel by central differences, [C][H·W]. */
async function differences(
  model: VisionModel,
  image: PreprocessedImage,
  unit: (centre: readonly number[]) => number,
): Promise<number[][]> {
  const step = 1 / 64;
  const area = image.shape[1] * image.shape[2];
  const moved = (sign: number) =>
    Array.from({ length: 3 * area }, (_, i) => {
      const values = image.values.slice();
      values[i] = (values[i] as number) + sign * step;
      return { ...image, values };
    });
  const [up, down] = [await centreValues(model, moved(1)), await centreValues(model, moved(-1))];
  return [0, 1, 2].map((c) =>
    Array.from({ length: area }, (_, p) => {
      const i = c * area + p;
      return (unit(up[i] as number[]) - unit(down[i] as number[])) / (2 * step);
    }),
  );
}

const relu = (v: number): number => Math.max(v, 0);
const sumOf = (values: readonly number[]): number => values.reduce((a, v) => a + v, 0);

/** Largest difference over the largest value. */
const apart = (found: ArrayLike<number>, expected: readonly number[]): number =>
  Math.max(...expected.map((v, i) => Math.abs(v - (found[i] as number)))) /
  Math.max(...expected.map(Math.abs));

async function fieldOf(
  model: VisionModel,
  images: readonly PreprocessedImage[],
  id: string,
  batch = images.length,
) {
  const plan = { layers: [model.layer("features")], accumulation: accumulation(id) };
  const sums = emptySums(model, plan);
  for (let first = 0; first < images.length; first += batch)
    await addImages(model, plan, sums, images.slice(first, first + batch));
  return fieldMapOf(sums[0] as never);
}

describe.each([
  ["a map", CNN, [3, 2]],
  ["tokens behind a class token, on a grid of even sides", TOKENS, [0, 1]],
] as const)("R of %s", (_, text, centre) => {
  it("takes the cell that the published algorithm takes", () => {
    expect(centreCell(openTextModel(text).layer("features"))).toEqual(centre);
  });

  // central differences at a step of 1/64 of smooth networks are right to about 1e-4 in single precision
  it("is the mean over images of the rectified mean gradient", async () => {
    await using model = openTextModel(text);
    const images = imagesOf(model, 3);
    const mean = (v: readonly number[]) => sumOf(v) / v.length;
    const expected = new Array<number>(images[0]!.shape[1] * images[0]!.shape[2]).fill(0);
    for (const image of images) {
      const gradient = await differences(model, image, mean);
      for (const p of expected.keys())
        expected[p]! += relu(mean(gradient.map((channel) => channel[p] as number))) / images.length;
    }
    const { values, n } = await fieldOf(model, images, "dead-pixels");
    expect(n).toBe(3);
    expect(apart(values, expected)).toBeLessThan(2e-3);
  });

  it("is RepLKNet's where that is asked for", async () => {
    await using model = openTextModel(text);
    const images = imagesOf(model, 2);
    const expected = new Array<number>(images[0]!.shape[1] * images[0]!.shape[2]).fill(0);
    for (const image of images) {
      const gradient = await differences(model, image, (v) => sumOf(v.map(relu)));
      for (const p of expected.keys())
        expected[p]! += sumOf(gradient.map((channel) => relu(channel[p] as number))) / images.length;
    }
    expect(apart((await fieldOf(model, images, "replknet")).values, expected)).toBeLessThan(2e-3);
  });

  it("is the same in batches of any size", async () => {
    await using model = openTextModel(text);
    const images = imagesOf(model, 5);
    const [one, two, five] = await Promise.all(
      [1, 2, 5].map((batch) => fieldOf(model, images, "dead-pixels", batch)),
    );
    // float32 sums of five pictures
    expect(apart(two!.values, [...one!.values])).toBeLessThan(1e-6);
    expect(apart(five!.values, [...one!.values])).toBeLessThan(1e-6);
  });
});

describe("R of the scores", () => {
  it("is that of the class asked for, beside those of layers, in one run", async () => {
    await using model = openTextModel(CNN);
    const images = imagesOf(model, 2);
    const plan = {
      layers: [model.layer("a"), model.layer("features")],
      target: bindTargets(model.info, "1")[0],
      accumulation: accumulation("dead-pixels"),
    };
    const sums = emptySums(model, plan);
    const { predicted } = await addImages(model, plan, sums, images);
    expect(sums.map(({ name }) => name)).toEqual(["a", "features", "score"]);
    const area = 12 * 8;
    const expected = new Array<number>(area).fill(0);
    const step = 1 / 64;
    for (const image of images) {
      const moved = [1, -1].map((sign) =>
        Array.from({ length: 3 * area }, (_, i) => {
          const values = image.values.slice();
          values[i] = (values[i] as number) + sign * step;
          return { ...image, values };
        }),
      );
      const [up, down] = await Promise.all(moved.map((list) => model.predict(list)));
      const slope = (i: number) =>
        ((up![i]!.logits[1] as number) - (down![i]!.logits[1] as number)) / (2 * step);
      for (const p of expected.keys())
        expected[p]! += relu((slope(p) + slope(area + p) + slope(2 * area + p)) / 3) / images.length;
    }
    expect(apart(fieldMapOf(sums[2]!).values, expected)).toBeLessThan(2e-3);
    expect(predicted).toEqual((await model.predict(images)).map(({ classIndex }) => classIndex));
    const alone = await fieldOf(model, images, "dead-pixels");
    expect(apart(fieldMapOf(sums[1]!).values, [...alone.values])).toBeLessThan(1e-6);
  });
});

describe("a network that takes a fixed number of pictures which see one another", () => {
  // the mean over the batch keeps it from being freed
  const FIXED = CNN.replace("[N,3,12,8]", "[4,3,12,8]")
    .replace("[N,3]", "[4,3]")
    .replace("mean = Global", "all = ReduceMean <keepdims = 1> (t, zero) u = Add (t, all) mean = Global")
    .replace("(t) flat", "(u) flat")
    .replace("logits) {", "logits) <int64[1] zero = {0}> {");

  it("does not count the pictures that only fill the batch up", async () => {
    await using model = openTextModel(FIXED);
    expect(model.info.batch.fixed).toBe(4);
    await using free = openTextModel(CNN);
    const images = imagesOf(model, 6);
    const [found, expected] = [
      await fieldOf(model, images, "dead-pixels"),
      await fieldOf(free, images, "dead-pixels"),
    ];
    expect(found.n).toBe(6);
    expect(apart(found.values, [...expected.values])).toBeLessThan(1e-6);
  });
});

describe("refusals", () => {
  it("of a map of one cell", async () => {
    const layer = openTextModel(CNN).layer("features");
    expect(() => centreCell({ ...layer, layout: { ...layer.layout, grid: [1, 1] } })).toThrow(
      expect.objectContaining({ code: "one-cell-map", message: expect.stringContaining('layer "features"') }),
    );
  });

  it("of gradients that are no numbers, before anything is added", async () => {
    // the square root of a negative number, in some places
    await using model = openTextModel(CNN.replace("Sigmoid", "Sqrt"));
    const images = imagesOf(model, 2);
    const plan = { layers: [model.layer("features")], accumulation: accumulation("dead-pixels") };
    const sums = emptySums(model, plan);
    await expect(addImages(model, plan, sums, images)).rejects.toThrow(
      expect.objectContaining({ code: "nan-gradient", message: expect.stringContaining('"features"') }),
    );
    expect(sums[0]?.n).toBe(0);
  });
});

describe("model.erf", () => {
  it("gives R of a layer with its numbers", async () => {
    await using model = openTextModel(CNN);
    const images = imagesOf(model, 5);
    const entries = images.map((image) => ({ source: image.source, read: async () => image }));
    const { map, layer, n, sum } = await model.erf(entries, { layer: "features", batch: 2 });
    const expected = await fieldOf(model, images, "dead-pixels");
    expect(apart(map.values, [...expected.values])).toBeLessThan(1e-6);
    expect({ layer, n }).toEqual({ layer: "features", n: 5 });
    expect(sum).toBeCloseTo(
      map.values.reduce((a, v) => a + v, 0),
      10,
    );
  });
});

describe("runFields", () => {
  const plan = (model: VisionModel) => ({
    layers: [model.layer("features")],
    accumulation: accumulation("dead-pixels"),
  });
  const sourcesOf = (images: readonly PreprocessedImage[]) =>
    images.map((image) => ({ source: image.source, read: async () => image }));

  it("gives the same, bit by bit, when it was broken off at any batch", async () => {
    await using model = openTextModel(CNN);
    const sources = sourcesOf(imagesOf(model, 11));
    const whole = await runFields(model, plan(model), sources, { batch: 2 });
    for (const stopAt of [2, 6, 10]) {
      const progress = noProgress(model, plan(model));
      const abort = new AbortController();
      const broken = runFields(model, plan(model), sources, {
        batch: 2,
        progress,
        signal: abort.signal,
        onBatch: ({ position }) => (position === stopAt ? abort.abort() : undefined),
      });
      await expect(broken).rejects.toThrow("aborted");
      expect(progress.position).toBe(stopAt);
      expect(await runFields(model, plan(model), sources, { batch: 2, progress })).toEqual(whole);
    }
  });

  it.each([[[0]], [[5, 6]], [[9, 10]], [[0, 4, 10]]])(
    "tells images that cannot be read (%j in its order) once, broken off or not",
    async (bad) => {
      await using model = openTextModel(CNN);
      const order = randomStream(0).permutation(11);
      const isBad = new Set(bad.map((place) => order[place]));
      const sources = sourcesOf(imagesOf(model, 11)).map((source, i) =>
        isBad.has(i)
          ? { ...source, read: () => Promise.reject(new ImageError("not-an-image", `${i} is no picture.`)) }
          : source,
      );
      const options = { batch: 2, onSkip: () => undefined };
      const whole = await runFields(model, plan(model), sources, options);
      expect(whole.position).toBe(11);
      expect(whole.sums[0]?.n).toBe(11 - bad.length);
      expect(whole.skipped.map(({ source }) => source)).toEqual(bad.map((place) => String(order[place])));
      for (const stopAfter of [1, 2, 4]) {
        const progress = noProgress(model, plan(model));
        const abort = new AbortController();
        let batches = 0;
        const onBatch = () => (++batches === stopAfter ? abort.abort() : undefined);
        const broken = runFields(model, plan(model), sources, {
          ...options,
          progress,
          signal: abort.signal,
          onBatch,
        });
        await expect(broken).rejects.toThrow("aborted");
        expect(await runFields(model, plan(model), sources, { ...options, progress })).toEqual(whole);
      }
    },
  );

  it("takes images in an order that does not follow the list, the same each time", async () => {
    await using model = openTextModel(CNN);
    const read: string[] = [];
    const sources = imagesOf(model, 12).map((image) => ({
      source: image.source,
      read: async () => {
        read.push(image.source);
        return image;
      },
    }));
    await runFields(model, plan(model), sources);
    await runFields(model, plan(model), sources);
    expect(read.slice(0, 12)).toEqual(read.slice(12));
    expect(read.slice(0, 12)).not.toEqual(sources.map(({ source }) => source));
    expect([...read.slice(0, 12)].sort()).toEqual(sources.map(({ source }) => source).sort());
  });

  it("refuses where nothing can be read", async () => {
    await using model = openTextModel(CNN);
    const sources = [0, 1].map((i) => ({
      source: `${i}`,
      read: () => Promise.reject(new ImageError("not-an-image", "is no picture.")),
    }));
    const run = runFields(model, plan(model), sources, { onSkip: () => undefined });
    await expect(run).rejects.toThrow(expect.objectContaining({ code: "no-readable-image" }));
  });

  it("stops once R is known well enough, at the same place when told so again", async () => {
    await using model = openTextModel(CNN);
    const sources = sourcesOf(imagesOf(model, 40));
    const all = await runFields(model, plan(model), sources, { batch: 2 });
    const curve = all.sums[0]?.curve ?? [];
    const tolerance = (curve[9]?.relativeError ?? 0) * 1.0001;
    const first = curve.findIndex(({ relativeError = 1 }, i) => i >= 3 && relativeError <= tolerance);
    const stopped = await runFields(model, plan(model), sources, { batch: 2, tolerance });
    expect(stopped.position).toBe(2 * (first + 1));
    expect(
      (await runFields(model, plan(model), sources, { batch: 2, tolerance, progress: stopped })).position,
    ).toBe(2 * (first + 1));
  });
});
