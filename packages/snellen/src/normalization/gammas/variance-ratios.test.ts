// Oracle: variances of the branch and the skip, from their values as ONNX Runtime gives them, by the definition.

import { withGraph } from "@snellen/graph";
import { describe, expect, it } from "vitest";
import type { PreprocessedImage } from "../../images/image.ts";
import { noise, openModelData } from "../../vision-model/test-support/text-model.ts";
import { classifyGammas } from "./classify-gammas.ts";
import { conv, HEAD, networkModel } from "./test-support/classify-text.ts";
import { varianceRatios } from "./variance-ratios.ts";

const next = noise(5);
const pictures = (count: number): PreprocessedImage[] =>
  Array.from({ length: count }, (_, i) => ({
    shape: [3, 8, 8],
    // unlike pictures have unlike ratios
    values: Float32Array.from({ length: 192 }, (_, k) => next() * (1 + i) + (k % 8 < i ? 1 : 0)),
    source: `picture ${i}`,
  }));

const variance = (values: readonly number[]): number => {
  const mean = values.reduce((sum, v) => sum + v, 0) / values.length;
  return values.reduce((sum, v) => sum + (v - mean) ** 2, 0) / values.length;
};

/** Var(branch) / Var(skip) of each picture. */
async function ratiosByHand(
  body: string,
  branch: string,
  skip: string,
  images: readonly PreprocessedImage[],
): Promise<number[]> {
  await using opened = openModelData(networkModel(body));
  const { model } = opened.info;
  const outputs = [branch, skip].map((name) => ({ name, dataType: "float32" as const, dims: undefined }));
  const results = await opened.run("values", () => withGraph(model, { outputs }), images);
  const rows = (name: string): number[][] => {
    const values = Array.from(results[0]?.[name]?.data as Float32Array);
    const size = values.length / images.length;
    return images.map((_, i) => values.slice(i * size, (i + 1) * size));
  };
  return rows(branch).map((row, i) => variance(row) / variance(rows(skip)[i] as number[]));
}

const BODY = `${conv("a", "x", "c1")}  b = BN(bn1, a)  r = Relu (b)  ["s"] s = Add (r, x)  ${conv("c", "s", "c2")}  ["t"] h = Add (s, c)  ${HEAD}`;

describe("Var(F(x)) / Var(x)", () => {
  it("is each picture's, averaged, with the smallest and largest", async () => {
    const images = pictures(10);
    await using opened = openModelData(networkModel(BODY));
    const ratios = await varianceRatios(opened, classifyGammas(opened.info), images);
    expect(ratios).toHaveLength(2);
    for (const [i, [branch, skip]] of [
      ["r", "x"],
      ["c", "s"],
    ].entries()) {
      const expected = await ratiosByHand(BODY, branch as string, skip as string, images);
      const { mean = 0, low = 0, high = 0 } = ratios[i] ?? {};
      expect(mean / (expected.reduce((a, b) => a + b) / expected.length)).toBeCloseTo(1, 4);
      expect(low / Math.min(...expected)).toBeCloseTo(1, 4);
      expect(high / Math.max(...expected)).toBeCloseTo(1, 4);
      expect(high).toBeGreaterThan(low);
    }
  });

  it("adds up parallel branches", async () => {
    const images = pictures(2);
    const body = `${conv("a", "x", "c1")}  ${conv("b", "x", "c2")}  s = Add (x, a)  h = Add (s, b)  ${HEAD}`;
    await using opened = openModelData(networkModel(body));
    const [ratio] = await varianceRatios(opened, classifyGammas(opened.info), images);
    const both = body.replace("s = Add (x, a)  h = Add (s, b)", "ab = Add (a, b)  h = Add (x, ab)");
    const expected = await ratiosByHand(both, "ab", "x", images);
    expect((ratio?.mean ?? 0) / ((expected[0] as number) + (expected[1] as number))).toBeCloseTo(0.5, 4);
  });

  it("is not a number where the skip has no variance", async () => {
    const body = `z = Sub (x, x)  ${conv("a", "z", "c1")}  h = Add (a, z)  ${HEAD}`;
    await using opened = openModelData(networkModel(body));
    const [ratio] = await varianceRatios(opened, classifyGammas(opened.info), pictures(1));
    expect(ratio?.mean).toBeNaN();
  });
});
