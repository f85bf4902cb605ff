// On small networks. Oracles: pictures enhanced and predicted one by one; the rows that were handed in.
import { describe, expect, it } from "vitest";
import { contrastEnhancement } from "../../corruptions/colour/contrast-enhancement.ts";
import type { ImageInput } from "../../images/image.ts";
import { fitImage } from "../../images/preprocess.ts";
import { SCALE_FACTORS } from "../../patch-embedding/scale-families.ts";
import { openTextModel } from "../../vision-model/test-support/text-model.ts";
import type { ContrastRow, NoAnswer } from "../artifacts.ts";
import { CNN, contextOf, imageSet, labelled } from "../test-support/altered.ts";
import { embeddingScale, grip } from "../test-support/robustness.ts";
import { contrastCurve } from "./contrast-curve.ts";

const NONE: NoAnswer = { reason: "None." };

const curve = async (...context: Parameters<typeof contextOf>): Promise<readonly ContrastRow[]> =>
  (await contrastCurve.make({ embeddingScale: NONE }, contextOf(...context))) as readonly ContrastRow[];

describe("contrastCurve", () => {
  it("is accuracy and agreement at every factor, of pictures altered as the network gets them", async () => {
    await using model = openTextModel(CNN, { resize: "squash" });
    const images = await labelled(model, 10, 2);
    const rows = await curve(model, imageSet(images));
    const { spec } = model.info.preprocessing;
    const clean = (await model.predict(images)).map(({ classIndex }) => classIndex);
    const agreements: number[] = [];
    for (const [i, factor] of SCALE_FACTORS.entries()) {
      const altered = images.map((own) => {
        const fitted = fitImage(own, spec);
        return { ...fitted, data: contrastEnhancement.apply(fitted, factor, undefined) };
      });
      const found = (await model.predict(altered)).map(({ classIndex }) => classIndex);
      const right = found.filter((k, image) => k === images[image]?.classIndex).length;
      const same = found.filter((k, image) => k === clean[image]).length;
      expect(rows[i]).toMatchObject({ factor, agreement: { value: same / 10, n: 10 } });
      expect(rows[i]?.accuracy.value).toBeCloseTo(right / 10, 9);
      // two of ten are labelled otherwise
      expect(rows[i]?.loss.value).toBeCloseTo(0.8 - right / 10, 9);
      agreements.push(same / 10);
    }
    expect(agreements[0]).toBe(1);
    expect(Math.min(...agreements)).toBeLessThan(1);
    expect(rows).toHaveLength(SCALE_FACTORS.length);
  });

  it("takes preprocessed tensors as they look, and outputs that are no classes", async () => {
    const dense = `<ir_version: 9, opset_import: ["": 18]> g (float[N,3,8,8] x, float[4,3,3,3] w) => (float[N,4,6,6] y) { c = Conv (x, w) y = Softmax <axis = 1> (c) }`;
    await using model = openTextModel(dense);
    const tensor = (seed: number): ImageInput => ({
      source: `a.npy[${seed}]`,
      shape: [3, 8, 8],
      values: Float32Array.from({ length: 192 }, (_, i) => Math.sin(i * (seed + 1))),
    });
    const rows = await curve(model, imageSet([tensor(0), tensor(1), tensor(2)]), { batch: 2 });
    expect(rows[0]).toMatchObject({ accuracy: { n: 0, value: null }, agreement: { value: 1, n: 3 } });
    expect(rows.at(-1)?.agreement.value).toBeLessThan(1);
  });

  it("is on at most 64 images", async () => {
    await using model = openTextModel(CNN, { resize: "squash" });
    const [first] = await labelled(model, 1);
    const many = imageSet(
      Array.from({ length: 80 }, (_, i) => ({ ...(first as never as ImageInput), source: `${i}` })),
    );
    const rows = await curve(model, many, { batch: 32 });
    expect([many.reads(), rows[0]?.agreement.n]).toEqual([64, 64]);
  });

  it("takes a vision transformer's from its patch embedding, and runs nothing", async () => {
    const scale = embeddingScale([grip({ family: "colour_scale" }), grip()]);
    const found = await contrastCurve.make({ embeddingScale: scale }, {} as never);
    expect(found).toEqual(scale.rows.filter(({ family }) => family === "contrast_enhancement"));
    expect(found).toHaveLength(3);
  });
});
