// Oracles: closed forms. Without bias E·patch grows exactly with the pixels; behind a layer normalization it does not grow at all; and
// ratio, cosine and share follow from vectors that are computed here in double precision.
import { type Model, tensorNumbers } from "@snellen/graph";
import { describe, expect, it } from "vitest";
import type { Image, ImageInput } from "../images/image.ts";
import type { Source } from "../images/stream.ts";
import { noise, openModelData, textModel } from "../vision-model/test-support/text-model.ts";
import { measureEmbeddingScale } from "./embedding-scale.ts";
import type { EmbeddingScale } from "./embedding-scale-result.ts";
import type { NoPatchEmbedding } from "./patch-embedding.ts";
import type { ScaleAlteration } from "./scale-families.ts";

const [SIDE, PATCH, D, TOKENS] = [4, 2, 4, 4];
const FACTORS = [1, 2, 3, 5];
const SPEC = { mean: [0], std: [1], range: "0..1", resize: "squash" } as const;

/** No byte is cut off: test pictures have none beyond 50. */
const scaled: ScaleAlteration = {
  id: "colour_scale",
  title: "colour scale",
  apply: ({ data }, factor) => data.map((byte) => byte * factor),
};

const networkText = (behind: string, batch = "N"): string =>
  `g (float[${batch},3,${SIDE},${SIDE}] x, float[${D},3,${PATCH},${PATCH}] w, float[1,1,${D}] cls_token, float[1,${TOKENS + 1},${D}] pos, float[${D},3] head)
   => (float[${batch},3] y)
   <int64[3] flat = {0, ${D}, ${TOKENS}}, int64[1] one = {1}, int64[2] rest = {1, ${D}}, float[${D}] ones = {1, 1, 1, 1}, float[${D}] none = {0, 0, 0, 0}> {
     c = Conv <strides = [${PATCH}, ${PATCH}]> (x, w) r = Reshape (c, flat) t = Transpose <perm = [0, 2, 1]> (r) ${behind}
     n = Shape <start = 0, end = 1> (x) s = Concat <axis = 0> (n, rest) k = Expand (cls_token, s)
     j = Concat <axis = 1> (k, p) h = Add (j, pos) m = ReduceMean <keepdims = 0> (h, one) y = MatMul (m, head) }`;

const LINEAR = "p = Identity (t)";
const NORMALIZED = "p = LayerNormalization <epsilon = 1e-12> (t, ones, none)";

function pictures(count: number, label?: number): Image[] {
  const next = noise(5);
  return Array.from({ length: count }, (_, i) => ({
    width: SIDE,
    height: SIDE,
    data: Uint8Array.from({ length: SIDE * SIDE * 3 }, () => Math.round(25 + 25 * next())),
    source: `picture ${i}`,
    ...(label === undefined ? {} : { classIndex: label }),
  }));
}

const sources = (images: readonly ImageInput[]): Source<ImageInput>[] =>
  images.map((image) => ({ source: image.source, read: async () => image }));

function requireMeasured(result: EmbeddingScale | NoPatchEmbedding): EmbeddingScale {
  if (!("rows" in result)) throw new Error(result.text);
  return result;
}

async function measured(graph: Model, images: readonly ImageInput[], batch = 5): Promise<EmbeddingScale> {
  await using model = openModelData(graph, SPEC);
  const options = { alterations: [scaled], factors: FACTORS, batch };
  return requireMeasured(await measureEmbeddingScale(model, sources(images), options));
}

/** E·patch of every patch of a picture. */
function vectorsOf(graph: Model, { data }: Image): number[][] {
  const w = tensorNumbers(graph.graph.initializers.get("w")!);
  return Array.from({ length: TOKENS }, (_, token) => {
    const [top, left] = [Math.floor(token / 2) * PATCH, (token % 2) * PATCH];
    return Array.from({ length: D }, (_, d) => {
      let sum = 0;
      for (let c = 0; c < 3; c++)
        for (let i = 0; i < PATCH; i++)
          for (let j = 0; j < PATCH; j++) {
            const pixel = data[3 * ((top + i) * SIDE + left + j) + c]! / 255;
            sum += pixel * w[((d * 3 + c) * PATCH + i) * PATCH + j]!;
          }
      return sum;
    });
  });
}

const dot = (a: readonly number[], b: readonly number[]) => a.reduce((sum, v, i) => sum + v * b[i]!, 0);
const size = (a: readonly number[]) => Math.sqrt(dot(a, a));
const mean = (values: readonly number[]) => values.reduce((sum, v) => sum + v, 0) / values.length;

/** Single precision, and means of twelve pictures. */
const DIGITS = 5;

describe("a linear embedding without bias", () => {
  it.each([
    ["batches of five", "N", 5],
    ["a model of one picture at a time", "1", 5],
    ["all at once", "N", 100],
  ])("has the figures of its closed form, in %s", async (_, fixed, batch) => {
    const graph = textModel(networkText(LINEAR, fixed));
    const images = pictures(12);
    const result = await measured(graph, images, batch);
    const pos = tensorNumbers(graph.graph.initializers.get("pos")!);
    const positions = Array.from({ length: TOKENS }, (_, t) => pos.slice((t + 1) * D, (t + 2) * D));
    const vectors = images.map((image) => vectorsOf(graph, image));
    for (const [i, factor] of FACTORS.entries()) {
      const over = (of: (x: number[], e: number[]) => number) =>
        mean(vectors.map((tokens) => mean(tokens.map((x, t) => of(x, positions[t]!)))));
      const row = result.rows[i]!;
      const sum = (x: number[], e: number[], f: number) => x.map((v, d) => f * v + e[d]!);
      expect(row).toMatchObject({ factor, family: "colour_scale", n: 12 });
      expect(row.ratio.value).toBeCloseTo(
        over((x, e) => (factor * size(x)) / size(e)),
        DIGITS,
      );
      expect(row.positionalShare.value).toBeCloseTo(
        over((x, e) => size(e) ** 2 / (size(e) ** 2 + (factor * size(x)) ** 2)),
        DIGITS,
      );
      const cosine = (x: number[], e: number[]) => {
        const [z, clean] = [sum(x, e, factor), sum(x, e, 1)];
        return dot(z, clean) / size(z) / size(clean);
      };
      expect(row.cosine.value).toBeCloseTo(over(cosine), DIGITS);
    }
    expect(result.grips[0]?.growth.value).toBeCloseTo(5, 4);
    expect(result.found.others).toMatchObject([{ kind: "class", count: 1, joined: "before-addition" }]);
  });
});

describe("a layer normalization in front of the addition", () => {
  it("keeps ratio and cosine exactly", async () => {
    const result = await measured(textModel(networkText(NORMALIZED)), pictures(12));
    expect(result.found.isPreNormalized).toBe(true);
    const [clean, ...others] = result.rows;
    for (const row of others) {
      expect(row.ratio.value).toBeCloseTo(clean?.ratio.value as number, DIGITS);
      expect(row.cosine.value).toBeCloseTo(1, DIGITS);
      expect(row.agreement.value).toBe(1);
    }
    expect(result.verdict).toBe("keeps-its-grip");
  });
});

/** E·patch = (0, mean of the pixels), E_pos = (1 / 2, 0): class 1 as soon as the factor takes the picture beyond a half. */
const TELLING = `g (float[N,3,${SIDE},${SIDE}] x) => (float[N,2] y)
  <float[2,3,2,2] w = {${[...new Array(12).fill(0), ...new Array(12).fill(1 / 12)].join()}},
   float[1,4,2] pos = {0.5, 0, 0.5, 0, 0.5, 0, 0.5, 0}, int64[3] flat = {0, 2, 4}, int64[1] one = {1}, float[2,2] head = {1, 0, 0, 1}> {
     c = Conv <strides = [2, 2]> (x, w) r = Reshape (c, flat) t = Transpose <perm = [0, 2, 1]> (r)
     h = Add (t, pos) m = ReduceMean <keepdims = 0> (h, one) y = MatMul (m, head) }`;

describe("predictions", () => {
  const plain = (byte: number, i: number, label?: number): Image => ({
    width: SIDE,
    height: SIDE,
    data: new Uint8Array(SIDE * SIDE * 3).fill(byte),
    source: `${i}`,
    ...(label === undefined ? {} : { classIndex: label }),
  });
  // beyond 127.5 at factor 3 where the byte is above 42, at 5 where it is above 25
  const bytes = [20, 22, 24, 28, 30, 32, 34, 36, 43, 45, 47, 49];

  it("are counted right or wrong at every factor, and make the verdict", async () => {
    const images = bytes.map((byte, i) => plain(byte, i, 0));
    const result = await measured(textModel(TELLING), images);
    expect(result.rows.map(({ accuracy }) => accuracy.value)).toEqual([1, 1, 8 / 12, 3 / 12]);
    expect(result.rows.map(({ agreement }) => agreement.value)).toEqual([1, 1, 8 / 12, 3 / 12]);
    expect(result.rows.map(({ loss }) => loss.value)).toEqual([0, 0, 4 / 12, 9 / 12]);
    // three of twelve that none of these are
    expect(result.rows[1]?.loss).toEqual({ value: 0, low: -0.25, high: 0.25, n: 12 });
    expect(result.rows[0]?.cosine).toEqual({ value: 1, low: 1, high: 1, n: 12 });
    expect(result.grips[0]?.loss).toMatchObject({ of: "accuracy", factor: 5, value: 9 / 12, n: 12 });
    expect(result).toMatchObject({ verdict: "loses-its-grip", n: 12, labelled: 12 });
  });

  it("are held against the clean ones without labels", async () => {
    const result = await measured(
      textModel(TELLING),
      bytes.map((byte, i) => plain(byte, i)),
    );
    expect(result.rows.every(({ accuracy }) => accuracy.value === null && accuracy.n === 0)).toBe(true);
    expect(result.grips[0]?.loss).toMatchObject({ of: "agreement", factor: 5, value: 9 / 12 });
    expect(result).toMatchObject({ verdict: "loses-its-grip", n: 12, labelled: 0 });
  });

  it("may come from some labelled images", async () => {
    const result = await measured(
      textModel(TELLING),
      bytes.map((byte, i) => plain(byte, i, i < 3 ? 0 : undefined)),
    );
    expect(result.rows.at(-1)?.accuracy).toMatchObject({ value: 1, n: 3 });
    expect(result).toMatchObject({ verdict: "scale-dependent", labelled: 3 });
  });
});

describe("what cannot be measured", () => {
  it("is a network without positions, which says why", async () => {
    await using model = openModelData(
      textModel(TELLING.replace("h = Add (t, pos)", "h = Identity (t)")),
      SPEC,
    );
    expect(await measureEmbeddingScale(model, sources(pictures(1)))).toMatchObject({
      found: false,
      reason: "no-positions",
    });
  });

  it("is an embedding of zeros", async () => {
    const graph = textModel(TELLING.replaceAll("0.5, 0", "0, 0"));
    await expect(measured(graph, pictures(1))).rejects.toMatchObject({ code: "zero-positions" });
  });
});

it("alters the fitted picture by contrast and colour scale by itself", async () => {
  await using model = openModelData(textModel(networkText(LINEAR)), SPEC);
  const large = pictures(2).map((image) => ({
    ...image,
    width: 8,
    height: 8,
    data: Uint8Array.from({ length: 192 }, (_, i) => (37 * i) % 251),
  }));
  const progress: number[] = [];
  const onProgress = (done: number) => progress.push(done);
  const result = requireMeasured(
    await measureEmbeddingScale(model, sources(large), { batch: 1, onProgress }),
  );
  expect(result.rows.map(({ family }) => family)).toEqual([
    ...new Array(8).fill("contrast_enhancement"),
    ...new Array(8).fill("colour_scale"),
  ]);
  expect(result.rows.map(({ factor }) => factor).slice(0, 8)).toEqual([1, 1.2, 1.5, 2, 2.5, 3, 4, 5]);
  expect(progress).toEqual([1, 2]);
});
