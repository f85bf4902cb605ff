// The fields' gatherer on small networks. Oracles: R asked for directly, image by image; a linear network's gradient in closed
// form; boxes by hand; which images were read.
import { type Tensor, tensorNumbers } from "@snellen/graph";
import { describe, expect, it } from "vitest";
import type { Image, PreprocessedImage } from "../../images/image.ts";
import { accumulation } from "../../receptive-field/effective/accumulation.ts";
import { addImages, emptySums } from "../../receptive-field/effective/effective.ts";
import { fieldMapOf } from "../../receptive-field/effective/field-sum.ts";
import { labelledOrPredicted } from "../../receptive-field/effective/run-fields.ts";
import { noise, openTextModel } from "../../vision-model/test-support/text-model.ts";
import type { VisionModel } from "../../vision-model/vision-model.ts";
import type { Fields, GatherContext } from "../artifacts.ts";
import { prediction } from "../test-support/artifacts.ts";
import { fields } from "./fields.ts";

const CNN = `g (float[N,3,16,16] x, float[8,3,3,3] w, float[8,5] wy) => (float[N,5] y)
  { c = Conv <strides = [2,2], pads = [1,1,1,1]> (x, w) f = Sigmoid (c) p = GlobalAveragePool (f) r = Flatten (p) y = Gemm (r, wy) }`;
const FLAT = `g (float[N,3,4,4] x, float[48,5] wy) => (float[N,5] y) { f = Flatten (x) y = Gemm (f, wy) }`;

const tensors = (count: number, [h, w] = [16, 16]): PreprocessedImage[] =>
  Array.from({ length: count }, (_, i) => ({
    source: `${i}.npy`,
    shape: [3, h as number, w as number],
    values: Float32Array.from({ length: 3 * (h as number) * (w as number) }, noise(i)),
    classIndex: i % 5,
  }));

const gather = async (
  model: VisionModel,
  images: readonly (Image | PreprocessedImage)[],
  changes: Partial<GatherContext> = {},
): Promise<Fields> => {
  const entries = images.map((image) => ({ source: image.source, read: async () => image }));
  const context = { model, modelName: "m", images: { name: "all", entries }, batch: 4, ...changes };
  const predictions = images.map((_, i) => prediction(i));
  const found = await fields.make({ predictions }, context);
  if ("reason" in found) throw new Error(found.reason);
  return found;
};

describe("fields", () => {
  it("are R of the default layer and of the true class's score, in batches as one by one", async () => {
    await using model = openTextModel(CNN);
    const images = tensors(6);
    const found = await gather(model, images);
    const layer = model.layer("auto");
    const plan = {
      layers: [layer],
      target: labelledOrPredicted(model.info),
      accumulation: accumulation("dead-pixels"),
    };
    const sums = emptySums(model, plan);
    for (const image of images) await addImages(model, plan, sums, [image]);
    const direct = sums.map((sum) => fieldMapOf(sum));
    for (const [own, other] of [
      [found.layer?.map, direct[0]],
      [found.score.map, direct[1]],
    ] as const) {
      expect(own).toMatchObject({ dims: [16, 16], n: 6 });
      const most = Math.max(...(other?.values ?? []));
      // sums of float32 gradients in another order
      for (const [i, v] of (own?.values ?? []).entries())
        expect(Math.abs(v - (other?.values[i] as number))).toBeLessThan(1e-5 * most);
    }
    expect(found.layer?.summary).toMatchObject({ layer: layer.value, n: 6, input: [16, 16] });
    expect(found.score.summary).toMatchObject({ n: 6, strides: [[2, 2]], offenders: [{ kernel: [3, 3] }] });
    expect(found.score.summary.convergence).toHaveLength(2);
  });

  it("are the score's alone in a network without space: of a linear one the weights, where they are positive", async () => {
    await using model = openTextModel(FLAT);
    const [image] = tensors(1, [4, 4]) as [PreprocessedImage];
    const found = await gather(model, [{ ...image, classIndex: 3 }]);
    expect(found.layer).toBeUndefined();
    const values = tensorNumbers(model.info.model.graph.initializers.get("wy") as Tensor);
    for (const [i, v] of found.score.map.values.entries()) {
      const mean = [0, 1, 2].reduce((sum, c) => sum + (values[5 * (16 * c + i) + 3] as number) / 3, 0);
      expect(v).toBeCloseTo(Math.max(mean, 0), 6);
    }
  });

  it("are over at most 64 images, spread evenly over all", async () => {
    await using model = openTextModel(FLAT);
    const images = tensors(100, [4, 4]);
    const read: number[] = [];
    const entries = images.map((image, i) => ({
      source: image.source,
      read: async () => {
        read.push(i);
        return image;
      },
    }));
    const steps: number[] = [];
    const found = await gather(model, images, {
      images: { name: "all", entries },
      onProgress: (_, done) => steps.push(done),
    });
    expect(found.score.summary.n).toBe(64);
    expect([read.length, new Set(read).size]).toEqual([64, 64]);
    // 100 / 64 apart, so that steps are of one or two
    const sorted = [...read].sort((a, b) => a - b);
    for (const [i, index] of sorted.entries()) expect(Math.abs(index - (i * 100) / 64)).toBeLessThan(1);
    expect(steps.at(-1)).toBe(1);
  });

  it("tell how large boxes are on the input, and leave out what it does not show", async () => {
    await using model = openTextModel(CNN, { resize: "squash" });
    const picture = (width: number, height: number, label: Partial<Image>): Image => ({
      width,
      height,
      data: new Uint8Array(3 * width * height).map((_, i) => (i * 37) % 256),
      source: `${width}x${height}.png`,
      ...label,
    });
    const object = (box: NonNullable<Image["box"]>) => ({ name: "thing", classIndices: [], box });
    const found = await gather(model, [
      // halved: 8 x 2
      picture(32, 32, { box: [0, 0, 16, 4], objects: [object([0, 0, 32, 32])] }),
      // 32 x 64 to 16 x 16: 4 x 1, and the part of 20 x 40 inside, 8 x 8
      picture(32, 64, { objects: [object([8, 8, 8, 4]), object([16, 32, 20, 40]), object([40, 0, 8, 8])] }),
      ...tensors(1).map((tensor) => ({ ...tensor, box: [0, 0, 4, 4] as const })),
    ]);
    expect(found.objects).toEqual([2, 4, 8]);
  });

  it("follow the centre crop", async () => {
    await using model = openTextModel(CNN, { resize: "crop" });
    const image: Image = {
      width: 64,
      height: 32,
      data: new Uint8Array(3 * 64 * 32),
      source: "a.png",
      // halved to 16 x 8, of which the crop of the middle 16 columns cuts 8
      box: [0, 0, 32, 16],
    };
    expect((await gather(model, [image])).objects).toEqual([8]);
  });

  it("leave unreadable images out, and say why there are none at all", async () => {
    await using model = openTextModel(FLAT);
    expect(await fields.make({ predictions: [] }, { model } as never)).toEqual({
      reason: "No image could be read.",
    });
    await using det = openTextModel(
      `<ir_version: 9, opset_import: ["": 18]> g (float[N,3,4,4] x, float[3,5] wy) => (float[N,5] y) { d = Det (x) y = Gemm (d, wy) }`,
    );
    const [image] = tensors(1, [4, 4]) as [PreprocessedImage];
    await expect(gather(det, [image])).rejects.toThrow(
      /^Receptive fields need gradients: .*operator Det has no gradient rule/,
    );
  });
});
