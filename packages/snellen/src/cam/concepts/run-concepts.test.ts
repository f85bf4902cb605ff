// Concepts of made-up networks whose features are known: two colours are two concepts. Oracles: the pictures themselves, and
// the classifier's weights by hand.
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { type Model, makeTensor, parseGraphText, serializeModel } from "@snellen/graph";
import { afterAll, describe, expect, it } from "vitest";
import type { PreprocessedImage } from "../../images/image.ts";
import { openModel } from "../../node/open-model.ts";
import { conceptMaps } from "./concept-maps.ts";
import { concepts } from "./run-concepts.ts";

const folder = mkdtempSync(join(tmpdir(), "snellen-concepts-"));
afterAll(() => rmSync(folder, { recursive: true }));

/** Six features: red, green, blue and mixtures of them; patches of 4. */
const MIXTURES = [
  [1, 0, 0],
  [0, 1, 0],
  [0, 0, 1],
  [0.5, -1, 0],
  [-1, 2, 0],
  [-1, -1, 1],
];
const HEAD = [
  [2, 0, 0, 1, 0, 0],
  [0, 3, 0, 0, 1, 0],
  [0, 0, 1, 0, 0, 2],
];
const BIAS = [0.25, -0.5, 1];

function withWeights(model: Model): Model {
  const patches = MIXTURES.flatMap((row) => row.flatMap((v) => Array<number>(16).fill(v / 16)));
  const initializers = new Map([
    ...model.graph.initializers,
    ["w", makeTensor("float32", [6, 3, 4, 4], patches)],
    ["wy", makeTensor("float32", [3, 6], HEAD.flat())],
    ["by", makeTensor("float32", [3], BIAS)],
  ]);
  const inputs = model.graph.inputs.slice(0, 1);
  return { ...model, graph: { ...model.graph, inputs, initializers } };
}

const TYPES = "float[6,3,4,4] w, float[3,6] wy, float[3] by) => (float[N,3] y)";
const LINEAR = `g (float[N,3,16,16] x, ${TYPES}
  { c = Conv <strides = [4, 4]> (x, w) f = Relu (c) p = GlobalAveragePool (f) r = Flatten (p) y = Gemm <transB = 1> (r, wy, by) }`;

/** Opens a network written as text. */
function open(text: string) {
  const path = join(folder, `${Math.random()}.onnx`);
  writeFileSync(path, serializeModel(withWeights(parseGraphText(text))));
  return openModel(path, { labels: ["red", "green", "blue"] });
}

/** 16 × 16, of one colour at each patch of 4. */
const pictureOf = (source: string, color: (row: number, column: number) => number[]): PreprocessedImage => ({
  source,
  shape: [3, 16, 16],
  values: Float32Array.from({ length: 768 }, (_, i) => {
    const [channel, y, x] = [Math.floor(i / 256), Math.floor(i / 16) % 16, i % 16];
    return color(Math.floor(y / 4), Math.floor(x / 4))[channel] as number;
  }),
});

const [RED, GREEN, BLACK] = [
  [1, 0, 0],
  [0, 2, 0],
  [0, 0, 0],
];
const images = [
  pictureOf("left red", (_, column) => (column < 2 ? RED : GREEN)),
  pictureOf("red top", (row) => (row === 0 ? RED : BLACK)),
  pictureOf("green corner", (row, column) => (row + column === 0 ? GREEN : BLACK)),
];

describe("two colours in a network of colours", () => {
  it("are two concepts, each in its places in all images, with the class that reads it", async () => {
    await using model = await open(LINEAR);
    const found = await concepts(model, images, { components: 2 });
    expect([found.layer.value, found.whyNoClasses, found.negativeShare]).toEqual(["f", undefined, 0]);
    expect(found.error).toBeLessThan(1e-5);
    expect(found.images.map(({ source }) => source)).toEqual(["left red", "red top", "green corner"]);
    // green is twice as strong, so that it comes first: features [0, 2, 0, 0, 4, 0] and [1, 0, 0, ½, 0, 0]
    const [green, red] = found.concepts;
    const close = (values: ArrayLike<number> | undefined, expected: number[], digits = 4): void => {
      for (const [i, v] of expected.entries()) expect(values?.[i]).toBeCloseTo(v, digits);
    };
    close(
      green?.vector,
      [0, 2, 0, 0, 4, 0].map((v) => v / Math.sqrt(20)),
    );
    close(
      red?.vector,
      [1, 0, 0, 0.5, 0, 0].map((v) => v / Math.sqrt(1.25)),
    );
    const cells = (n: number, c: number) => found.images[n]?.cells[c]?.values;
    const grid = (value: (row: number, column: number) => boolean, height: number) =>
      Array.from({ length: 16 }, (_, i) => (value(Math.floor(i / 4), i % 4) ? height : 0));
    close(
      cells(0, 0),
      grid((_, column) => column >= 2, Math.sqrt(20)),
      3,
    );
    close(
      cells(0, 1),
      grid((_, column) => column < 2, Math.sqrt(1.25)),
      3,
    );
    close(
      cells(1, 0),
      grid(() => false, 0),
      3,
    );
    close(
      cells(1, 1),
      grid((row) => row === 0, Math.sqrt(1.25)),
      3,
    );
    close(
      cells(2, 0),
      grid((row, column) => row + column === 0, Math.sqrt(20)),
      3,
    );
    // Gemm of the features where each is strongest
    const scores = (features: number[]) =>
      HEAD.map((row, j) => row.reduce((sum, w, k) => sum + w * (features[k] as number), BIAS[j] as number));
    for (const [concept, features] of [
      [green, [0, 2, 0, 0, 4, 0]],
      [red, [1, 0, 0, 0.5, 0, 0]],
    ] as const) {
      const expected = scores([...features]);
      const byScore = [0, 1, 2].sort((a, b) => (expected[b] as number) - (expected[a] as number));
      expect(concept?.classes.map(({ classIndex }) => classIndex)).toEqual(byScore);
      for (const { classIndex, score } of concept?.classes ?? [])
        expect(score).toBeCloseTo(expected[classIndex] as number, 3);
    }
    expect([green?.classes[0]?.className, red?.classes[0]?.className]).toEqual(["green", "red"]);
  });

  it("do not depend on the batch, on whether it is fixed, on the layout, or on how images come", async () => {
    await using model = await open(LINEAR);
    const one = await concepts(model, images, { components: 2, seed: 3 });
    async function* stream() {
      yield* images;
    }
    const same = async (other: Awaited<ReturnType<typeof concepts>>) => {
      for (const [c, { vector, classes }] of one.concepts.entries()) {
        for (const [k, v] of vector.entries()) expect(other.concepts[c]?.vector[k]).toBeCloseTo(v, 4);
        expect(other.concepts[c]?.classes.map((a) => a.classIndex)).toEqual(classes.map((a) => a.classIndex));
        for (const [i, a] of classes.entries())
          expect(other.concepts[c]?.classes[i]?.score).toBeCloseTo(a.score, 3);
      }
      for (const [n, { cells }] of one.images.entries())
        for (const [c, { values }] of cells.entries())
          for (const [i, v] of values.entries())
            expect(other.images[n]?.cells[c]?.values[i]).toBeCloseTo(v, 3);
    };
    const options = { components: 2, seed: 3 };
    await same(await concepts(model, stream(), { ...options, batch: 1 }));
    // a mean over the batch, times zero, so that the batch cannot be freed
    const fixed = LINEAR.replaceAll("float[N,", "float[2,")
      .replace(
        "f = Relu (c)",
        "m = ReduceMean <keepdims = 1> (c, first) n = Mul (m, none) d = Add (c, n) f = Relu (d)",
      )
      .replace("\n  {", "\n  <int64[1] first = {0}, float none = {0}> {");
    await using stuck = await open(fixed);
    expect(stuck.info.batch.fixed).toBe(2);
    await same(await concepts(stuck, images, { ...options, layer: "f" }));
    const tokens = `g (float[N,3,16,16] x, ${TYPES} <int64[3] flat = {0, 6, 16}, int64[1] over = {1}>
      { c = Conv <strides = [4, 4]> (x, w) s = Reshape (c, flat) t = Transpose <perm = [0, 2, 1]> (s) f = Relu (t)
        r = ReduceMean <keepdims = 0> (f, over) y = Gemm <transB = 1> (r, wy, by) }`;
    await using vit = await open(tokens);
    await same(await concepts(vit, images, { ...options, layer: "f" }));
  });

  it("have no classes behind a head that is not linear, and lose what is below zero", async () => {
    const text = LINEAR.replace("y = Gemm", "h = Tanh (r) y = Gemm").replace("(r, wy, by)", "(h, wy, by)");
    await using model = await open(text);
    const behind = await concepts(model, images, { components: 2 });
    expect(behind.whyNoClasses).toContain("Tanh");
    expect(behind.concepts.map(({ classes }) => classes)).toEqual([[], []]);
    const found = await concepts(model, images, { components: 2, layer: "c" });
    expect(found.whyNoClasses).toContain("Relu");
    // red [1, 0, 0, ½, −1, −1] on 12 cells, green [0, 2, 0, −2, 4, −2] on 9
    const red = [8 + 4, 1.25, 2] as const;
    const green = [8 + 1, 20, 8] as const;
    const sum = (i: 1 | 2) => red[0] * red[i] + green[0] * green[i];
    expect(found.negativeShare).toBeCloseTo(sum(2) / (sum(1) + sum(2)), 5);
  });

  it("upsample as heat maps do", async () => {
    await using model = await open(LINEAR);
    const found = await concepts(model, images, { components: 2 });
    const image = found.images[1]!;
    const nearest = await conceptMaps(model, found, image, { upsampling: "nearest" });
    for (const [c, { values, dims }] of nearest.entries()) {
      expect(dims).toEqual([16, 16]);
      for (const [i, v] of values.entries())
        expect(v).toBe(image.cells[c]?.values[4 * Math.floor(i / 64) + Math.floor((i % 16) / 4)]);
    }
    const total = (values: Float32Array) => values.reduce((a, v) => a + v, 0);
    const gaussian = await conceptMaps(model, found, image, { upsampling: "gaussian", sigma: "3px" });
    for (const [c, { values }] of gaussian.entries())
      expect(total(values)).toBeCloseTo(total(image.cells[c]!.values), 3);
    await expect(conceptMaps(model, found, image, { upsampling: "cubic" })).rejects.toMatchObject({
      code: "unknown-upsampling",
    });
  });
});

describe("mistakes", () => {
  it("are told before and after the network ran", async () => {
    await using model = await open(LINEAR);
    const wrong = (options: Parameters<typeof concepts>[2], given = images) =>
      concepts(model, given, options);
    await expect(wrong({}, [])).rejects.toMatchObject({ code: "no-images" });
    await expect(wrong({ layer: "nothing" })).rejects.toMatchObject({ code: "unknown-layer" });
    await expect(wrong({ components: 7 })).rejects.toMatchObject({ code: "bad-components" });
    const black = [pictureOf("black", () => BLACK)];
    await expect(wrong({ components: 1 }, black)).rejects.toMatchObject({ code: "no-features" });
    const broken = [{ ...black[0]!, values: black[0]!.values.map(() => 3e38) }];
    await expect(wrong({ components: 1 }, broken)).rejects.toMatchObject({
      code: "nan-logits",
      message: expect.stringContaining("the features of black"),
    });
    const abort = AbortSignal.abort();
    await expect(wrong({ signal: abort })).rejects.toMatchObject({ name: "AbortError" });
  });
});
