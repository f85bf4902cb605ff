// Oracles: networks whose γ and β were doubled in their constants, run as they are; the closed form of a linear head; kept
// statistics that are those of the batch.
import { type Model, makeTensor, tensorNumbers, withGraph } from "@snellen/graph";
import { describe, expect, it, vi } from "vitest";
import type { PreprocessedImage } from "../../images/image.ts";
import { noise, openModelData, textModel } from "../../vision-model/test-support/text-model.ts";
import { classifyGammas } from "./classify-gammas.ts";
import { evidenceGraph } from "./evidence-graph.ts";
import { scaleChanges } from "./scale-evidence.ts";
import { conv, HEAD, networkModel, networkText } from "./test-support/classify-text.ts";

const next = noise(11);
const pictures = (count: number): PreprocessedImage[] =>
  Array.from({ length: count }, (_, i) => ({
    shape: [3, 8, 8],
    values: Float32Array.from({ length: 192 }, next),
    source: `picture ${i}`,
  }));

/** Pre-norm transformer-like network on rows: four γ, three of them in branches or at the end. */
const norm = (to: string, from: string): string =>
  `["${to}"] ${to} = LayerNormalization (${from}, {${to}.weight: 8}, {${to}.bias: 8})`;
const LAYERS = `${norm("n1", "x")}  a = MatMul (n1, {w1: 8,8})  b = Add (a, {b1: 8})  r = Relu (b)  s1 = Add (r, x)
  ${norm("n2", "s1")}  c = MatMul (n2, {w2: 8,8})  d = Gelu (c)  ["s2"] s2 = Add (d, s1)
  ${norm("n3", "s2")}  m = MatMul (n3, {w3: 8,8})  e = Add (m, {b3: 8})  q = Relu (e)  t = Add (q, n3)  ${norm("n4", "t")}
  p = GlobalAveragePool (n4)  f = Flatten (p)  z = MatMul (f, {fc.weight: 4,3})  y = Add (z, {fc.bias: 3})`;

/** A model with some constants doubled. */
const doubled = (model: Model, ...names: readonly string[]): Model => {
  const initializers = new Map(model.graph.initializers);
  for (const name of names) {
    const tensor = initializers.get(name);
    if (tensor !== undefined)
      initializers.set(
        name,
        makeTensor(
          tensor.dataType,
          tensor.dims,
          tensorNumbers(tensor).map((v) => 2 * v),
        ),
      );
  }
  return withGraph(model, { initializers });
};

/** ‖y(2) − y‖ / ‖y‖ of scores without their mean over the classes, from plain predictions. */
async function changeByPrediction(
  model: Model,
  other: Model,
  images: readonly PreprocessedImage[],
): Promise<number> {
  const rows = async (m: Model): Promise<number[]> => {
    await using opened = openModelData(m);
    return (await opened.predict(images)).flatMap(({ logits }) => {
      const mean = logits.reduce((a, b) => a + b, 0) / logits.length;
      return Array.from(logits, (v) => v - mean);
    });
  };
  const [before, after] = [await rows(model), await rows(other)];
  const size = (values: readonly number[]) => Math.sqrt(values.reduce((sum, v) => sum + v * v, 0));
  return size(after.map((v, i) => v - (before[i] as number))) / size(before);
}

describe("with layer normalization, which has no statistics to keep", () => {
  const model = networkModel(LAYERS);
  it("is the change of the scores when γ and β are doubled in the file", async () => {
    const images = pictures(3);
    await using opened = openModelData(model);
    const classified = classifyGammas(opened.info);
    const changes = await scaleChanges(opened, classified, images);
    expect(classified.gammas.map(({ name }) => name.name)).toEqual([
      "n1.weight",
      "n2.weight",
      "n3.weight",
      "n4.weight",
    ]);
    for (const [i, name] of ["n1", "n2", "n3", "n4"].entries()) {
      const expected = await changeByPrediction(
        model,
        doubled(model, `${name}.weight`, `${name}.bias`),
        images,
      );
      // float32
      expect(changes[i]?.change).toBeCloseTo(expected, 4);
    }
  });

  it("has the identity signal alone beside an open γ: the sum's other operand doubled", async () => {
    const images = pictures(2);
    await using opened = openModelData(model);
    const changes = await scaleChanges(opened, classifyGammas(opened.info), images);
    const skip = networkModel(
      LAYERS.replace("t = Add (q, n3)", "n3b = Mul (n3, {two: 1})  t = Add (q, n3b)"),
    );
    const one = withGraph(skip, {
      initializers: new Map([...model.graph.initializers, ["two", makeTensor("float32", [1], [1])]]),
    });
    const expected = await changeByPrediction(one, doubled(one, "two"), images);
    expect(changes.map(({ skipChange }) => skipChange === undefined)).toEqual([true, true, false, true]);
    expect(changes[2]?.skipChange).toBeCloseTo(expected, 4);
  });
});

it("is 1 for the last normalization before a linear head without bias", async () => {
  await using opened = openModelData(networkModel(`${conv("a", "x", "c1")}  h = BN(bn1, a)  ${HEAD}`));
  const [last] = await scaleChanges(opened, classifyGammas(opened.info), pictures(4));
  expect(last?.change).toBeCloseTo(1, 5);
});

it("is 0 where batch normalization follows, and as in the file where the kept statistics are the batch's", async () => {
  const body = `${conv("a", "x", "c1")}  b = BN(bn1, a)  r = Relu (b)  ${conv("c", "r", "c2")}  d = BN(bn2, c)  h = Add (d, x)  ${HEAD}`;
  const model = networkModel(body);
  await using opened = openModelData(model);
  const images = pictures(5);
  const [first, second] = await scaleChanges(opened, classifyGammas(opened.info), images);
  expect(first?.change).toBeLessThan(1e-3);
  // bn2 takes no part in what it is fed: keep this batch's statistics and double γ and β in the file
  const kept = await keepingStatistics(model, images);
  expect(second?.change).toBeCloseTo(
    await changeByPrediction(kept, doubled(kept, "bn2.weight", "bn2.bias"), images),
    4,
  );
});

/** The model with kept statistics that are those of these pictures, one normalization after the other. */
async function keepingStatistics(model: Model, images: readonly PreprocessedImage[]): Promise<Model> {
  let current = model;
  for (const [name, input] of [
    ["bn1", "a"],
    ["bn2", "c"],
  ] as const) {
    await using opened = openModelData(current, { output: input });
    const { info } = opened;
    const [result] = await opened.run(
      "input",
      () => withGraph(info.model, { outputs: [{ name: input, dataType: "float32", dims: undefined }] }),
      images,
    );
    const values = result?.[input]?.data as Float32Array;
    const channel = (c: number): number[] =>
      Array.from(values).filter((_, i) => Math.floor(i / 64) % 4 === c);
    const mean = (v: readonly number[]) => v.reduce((sum, x) => sum + x, 0) / v.length;
    const means = [0, 1, 2, 3].map((c) => mean(channel(c)));
    const variances = [0, 1, 2, 3].map((c) => mean(channel(c).map((v) => (v - (means[c] as number)) ** 2)));
    const initializers = new Map(current.graph.initializers)
      .set(`${name}.running_mean`, makeTensor("float32", [4], means))
      .set(`${name}.running_var`, makeTensor("float32", [4], variances));
    current = withGraph(current, { initializers });
  }
  return current;
}

it("starts further on where it can: the same numbers as without cuts", async () => {
  await using opened = openModelData(networkModel(LAYERS));
  const classified = classifyGammas(opened.info);
  const factors = classified.gammas.map(({ places }) => ({ value: places[0]?.output as string }));
  const { cuts, after } = evidenceGraph(
    classified.graph,
    opened.info.logits,
    opened.info.input.name,
    factors,
  );
  // what the picture has become is one value here: behind every sum and normalization but inside no block
  expect(cuts.map(({ value }) => value)).toEqual(expect.arrayContaining(["s1", "s2", "n3", "n4"]));
  expect(cuts.map(({ value }) => value)).not.toEqual(expect.arrayContaining(["n1"]));
  const tail = after({ value: "s2", before: 2 });
  expect(tail?.graph.inputs.map(({ name }) => name).sort()).toEqual(["gamma_factors", "s2"]);
});

it("tells how far it is, and stops when asked", async () => {
  await using opened = openModelData(networkModel(LAYERS));
  const classified = classifyGammas(opened.info);
  const onProgress = vi.fn();
  await scaleChanges(opened, classified, pictures(1), { onProgress });
  expect(onProgress.mock.calls).toEqual([
    [1, 4],
    [2, 4],
    [3, 4],
    [4, 4],
  ]);
  const stop = new AbortController();
  const run = scaleChanges(opened, classified, pictures(1), {
    signal: stop.signal,
    onProgress: () => stop.abort(),
  });
  await expect(run).rejects.toThrow(/abort/);
});

it("measures a model that takes one picture at a time", async () => {
  const fixed = networkText(
    `${conv("a", "x", "c1")}  b = BN(bn1, a)  ${conv("c", "b", "c2")}  h = BN(bn2, c)  p = ReduceMean (h, k)  f = Reshape (p, l)  y = MatMul (f, {fc.weight: 4,3})`,
  )
    .replaceAll("[N,", "[1,")
    .replace("{ x =", "{ k = Constant <value_ints=[2,3]> ()  l = Constant <value_ints=[1,4]> ()  x =");
  await using opened = openModelData(textModel(fixed));
  const [first, last] = await scaleChanges(opened, classifyGammas(opened.info), pictures(3));
  expect(first?.change).toBeLessThan(1e-3);
  expect(last?.change).toBeCloseTo(1, 5);
});
