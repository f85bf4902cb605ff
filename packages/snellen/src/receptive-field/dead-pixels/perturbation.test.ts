// The perturbation check. Oracle: networks whose change per pixel is known in closed form.

import { ImageError, makeTensor } from "@snellen/graph";
import { describe, expect, it } from "vitest";
import { bindTargets } from "../../cam/targets/index.ts";
import type { PreprocessedImage } from "../../images/image.ts";
import { openModelData, openTextModel, textModel } from "../../vision-model/test-support/text-model.ts";
import type { VisionModel } from "../../vision-model/vision-model.ts";
import { checkPerturbation } from "./perturbation.ts";

/** Scores that are sums over pixels with weights of their own, [3, 4, 6] each. */
const LINEAR = `<ir_version: 9, opset_import: ["": 18]> g (float[N,3,4,6] x, float[2,3,4,6] w) => (float[N,2] logits)
  { c = Conv (x, w) logits = Flatten (c) }`;

/** Of bytes, linear behind a cast. */
const BYTES = `<ir_version: 9, opset_import: ["": 18]> g (uint8[N,3,4,6] x, float[2,3,4,6] w) => (float[N,2] logits)
  { f = Cast <to = 1> (x) c = Conv (f, w) logits = Flatten (c) }`;

function linear(weights: (i: number) => number): VisionModel {
  const model = textModel(LINEAR);
  const values = Array.from({ length: 2 * 72 }, (_, i) => weights(i));
  const initializers = new Map(model.graph.initializers).set(
    "w",
    makeTensor("float32", [2, 3, 4, 6], values),
  );
  return openModelData({ ...model, graph: { ...model.graph, initializers } });
}

const pictures: PreprocessedImage[] = [1, 2, 3].map((k) => ({
  source: `${k}`,
  shape: [3, 4, 6],
  values: Float32Array.from({ length: 72 }, (_, i) => Math.sin(i * k)),
}));

const images = pictures.map((picture) => ({ source: picture.source, read: async () => picture }));

describe("checkPerturbation", () => {
  it("finds a line of slope one where the score is linear and no weight negative", async () => {
    await using model = linear((i) => 1 + Math.cos(i));
    const target = bindTargets(model.info, "1")[0]!;
    const found = (await checkPerturbation(model, images, {
      target,
      pixels: 24,
      seed: 1,
      epsilon: 0.5,
      batch: 5,
    }))!;
    // differences of float32 scores of about 100
    expect(found.r2).toBeGreaterThan(0.9999);
    expect(found.slope).toBeCloseTo(1, 3);
    expect(found).toMatchObject({ images: 3, epsilon: 0.5 });
    expect(new Set(found.pixels.map(({ row, column }) => row * 6 + column)).size).toBe(24);
    for (const { row, column, field, change } of found.pixels) {
      const p = row * 6 + column;
      const mean = [0, 1, 2].reduce((sum, c) => sum + 1 + Math.cos(72 + c * 24 + p), 0) / 3;
      expect(field).toBeCloseTo(mean, 4);
      expect(change).toBeCloseTo(mean, 4);
    }
  });

  it("sees changes that R forgets: pixels of negative gradient", async () => {
    await using model = linear((i) => (i % 24 < 12 ? 1 : -1) * (1 + (i % 24)));
    const target = bindTargets(model.info, "0")[0]!;
    const { r2, pixels } = (await checkPerturbation(model, images, { target, pixels: 24, seed: 1 }))!;
    expect(r2).toBeLessThan(0.9);
    expect(pixels.filter(({ field }) => field === 0)).toHaveLength(12);
    expect(pixels.every(({ change }) => change > 0.9)).toBe(true);
  });

  it("keeps to the class that the image has before it is perturbed, and repeats with a seed", async () => {
    await using model = linear((i) => Math.cos(3 * i));
    const target = bindTargets(model.info, "top1")[0]!;
    const once = (await checkPerturbation(model, images, { target, pixels: 8, seed: 5 }))!;
    const again = (await checkPerturbation(model, images, { target, pixels: 8, seed: 5 }))!;
    expect(again).toEqual(once);
    const other = (await checkPerturbation(model, images, { target, pixels: 8, seed: 6 }))!;
    expect(other.pixels).not.toEqual(once.pixels);
  });

  it("has no line where no pixel matters", async () => {
    await using model = openTextModel(
      LINEAR.replace("logits = Flatten (c)", "z = Sub (c, c) logits = Flatten (z)"),
    );
    const target = bindTargets(model.info, "0")[0]!;
    const { r2, slope } = (await checkPerturbation(model, images, { target, pixels: 8, seed: 5 }))!;
    expect([r2, slope]).toEqual([undefined, undefined]);
  });

  it("divides by the change that bytes took: whole numbers, downwards at 255", async () => {
    const bytes = textModel(BYTES);
    await using model = openModelData(bytes);
    const target = bindTargets(model.info, "0")[0]!;
    const full = [0, 128, 255].map((level, k) => {
      const values = new Float32Array(72).fill(level);
      return { source: `${k}`, read: async () => ({ source: `${k}`, shape: [3, 4, 6] as const, values }) };
    });
    const [one, three] = await Promise.all(
      [1, 3].map((epsilon) => checkPerturbation(model, full, { target, pixels: 24, seed: 1, epsilon })),
    );
    expect(one?.slope).toBeCloseTo(three?.slope ?? 0, 3);
    expect(
      three?.pixels.every(({ change }, i) => Math.abs(change - (one?.pixels[i]?.change ?? 0)) < 1e-4),
    ).toBe(true);
    await expect(
      checkPerturbation(model, full, { target, pixels: 4, seed: 1, epsilon: 1.4 }),
    ).rejects.toThrow(expect.objectContaining({ code: "bad-epsilon" }));
  });

  it("leaves out what cannot be read; of nothing readable it has nothing to say", async () => {
    await using model = linear((i) => 1 + Math.cos(i));
    const target = bindTargets(model.info, "1")[0]!;
    const bad = {
      source: "bad",
      read: () => Promise.reject(new ImageError("not-an-image", "is no picture.")),
    };
    const skipped: string[] = [];
    const options = {
      target,
      pixels: 8,
      seed: 1,
      onSkip: ({ source }: { source: string }) => skipped.push(source),
    };
    expect(await checkPerturbation(model, [bad, ...images], options)).toMatchObject({ images: 3 });
    expect(await checkPerturbation(model, [bad], options)).toBeUndefined();
    expect(skipped).toEqual(["bad", "bad"]);
  });
});
