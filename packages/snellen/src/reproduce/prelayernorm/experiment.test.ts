// The experiment on a ViT and a CNN as small as they get. Oracles: the library's own single steps on the same pictures, and a property:
// patches that are normalized before the projection do not change as colours fade, but for rounding.
import { ImageError, UsageError } from "@snellen/graph";
import { describe, expect, it } from "vitest";
import { corrupt } from "../../corruptions/corrupt.ts";
import { severities } from "../../corruptions/corruption.ts";
import { createCorruptor } from "../../corruptions/corruptor.ts";
import { corruption } from "../../corruptions/index.ts";
import type { Image } from "../../images/image.ts";
import { randomStream } from "../../random.ts";
import { documentMarkdown } from "../../report/document.ts";
import { openModelData, textModel } from "../../vision-model/test-support/text-model.ts";
import type { VisionModel } from "../../vision-model/vision-model.ts";
import { type PreLayerNormOptions, reproducePreLayerNorm } from "./experiment.ts";
import type { PreLayerNormTrial } from "./networks.ts";
import { preLayerNormDocument } from "./report.ts";

const VIT = `<ir_version: 8, opset_import: ["" : 17]>
  g (float[N,3,32,32] x, float[6,3,8,8] w, float[1,16,6] pos, float[6,4] head) => (float[N,4] y)
  <int64[3] rows = {0, 6, 16}, int64[1] one = {1}> {
    c = Conv <kernel_shape = [8, 8], strides = [8, 8]> (x, w)
    r = Reshape (c, rows)
    t = Transpose <perm = [0, 2, 1]> (r)
    z = Add (t, pos)
    k = Transpose <perm = [0, 2, 1]> (z)
    s = MatMul (z, k)
    a = Softmax <axis = -1> (s)
    m = MatMul (a, z)
    p = ReduceMean <axes = [1], keepdims = 0> (m)
    y = MatMul (p, head)
  }`;
const CNN = `<ir_version: 8, opset_import: ["" : 17]>
  g (float[N,3,32,32] x, float[8,3,3,3] w, float[8,4] head) => (float[N,4] y)
  { c = Conv (x, w) f = Relu (c) p = GlobalAveragePool (f) r = Flatten (p) y = Gemm (r, head) }`;

const SIDE = 32;

/** Smooth blobs of colour within the range's middle half. */
function picture(index: number): Image {
  const random = randomStream(7, index);
  const [u, v, w] = [random.uniform(0.1, 0.5), random.uniform(0.1, 0.5), random.uniform(0, 6)];
  const data = Uint8Array.from({ length: SIDE * SIDE * 3 }, (_, i) => {
    const [x, y, c] = [Math.floor(i / 3) % SIDE, Math.floor(i / 3 / SIDE), i % 3];
    return 128 + 60 * Math.sin(u * x + w + c) * Math.cos(v * y);
  });
  return { width: SIDE, height: SIDE, data, source: `picture ${index}`, classIndex: index % 4 };
}

const entriesOf = (first: number, count: number) =>
  Array.from({ length: count }, (_, i) => {
    const image = picture(first + i);
    const label = { classIndex: image.classIndex as number };
    return { source: image.source, label, read: async () => image };
  });

const open = (text: string) => openModelData(textModel(text), { preset: "unit" });
const trialOf = (name: string, model: VisionModel, opened: VisionModel[]): PreLayerNormTrial => ({
  name,
  dataset: "blobs",
  model,
  entries: entriesOf(0, 12),
  calibration: entriesOf(12, 6),
  open: async (changed) => {
    const made = openModelData(changed, { preset: "unit" });
    opened.push(made);
    return made;
  },
});

const OPTIONS: PreLayerNormOptions = {
  seed: 3,
  corruptor: createCorruptor(),
  corruptions: ["gaussian_noise", "contrast", "contrast_enhancement"],
};

describe("reproducePreLayerNorm", () => {
  it("compares ViT and CNN on the same corrupted pictures, and the ViT with PreLayerNorm", async () => {
    await using vit = open(VIT);
    await using cnn = open(CNN);
    const opened: VisionModel[] = [];
    const kept = new Map<string, unknown>();
    const run = () =>
      reproducePreLayerNorm([trialOf("vit", vit, opened), trialOf("cnn", cnn, opened)], {
        ...OPTIONS,
        recall: (key) => kept.get(key),
        // as a journal gives it back
        keep: async (key, value) => void kept.set(key, JSON.parse(JSON.stringify(value))),
      });
    const result = await run();
    const [found] = result.datasets;
    expect(found).toMatchObject({ images: 12, calibrationImages: 6, refused: [], skipped: [] });
    expect(found?.networks.map(({ name, kind, calibrated }) => [name, kind, calibrated?.of])).toEqual([
      ["vit", "vit", undefined],
      ["vit, after-projection", "vit", "vit"],
      ["vit, before-projection", "vit", "vit"],
      ["vit, both", "vit", "vit"],
      ["cnn", "cnn", undefined],
    ]);

    const noise = corruption("gaussian_noise");
    const errorsOf = async (model: VisionModel) => {
      const isWrong = async (image: Image) =>
        (await model.predict([image]))[0]?.classIndex === image.classIndex ? 0 : 1;
      let [clean, noisy] = [0, 0];
      for (let i = 0; i < 12; i++) {
        clean += await isWrong(picture(i));
        for (const severity of severities)
          noisy += await isWrong(corrupt(picture(i), noise, { severity, seed: OPTIONS.seed }));
      }
      return { clean: clean / 12, noisy: noisy / 60 };
    };
    const [first, second] = [await errorsOf(vit), await errorsOf(cnn)];
    const [pair] = found?.pairs ?? [];
    expect([pair?.first, pair?.second, pair?.measure]).toEqual(["vit", "cnn", "accuracy"]);
    expect(pair?.cleanError.value).toBeCloseTo(first.clean - second.clean, 12);
    const lost = first.noisy - first.clean - (second.noisy - second.clean);
    expect(pair?.corruptions[0]?.loss.value).toBeCloseTo(lost, 12);
    expect(found?.calibrations.map((own) => own.second)).toEqual(["vit", "vit", "vit"]);

    const gripsOf = (name: string) =>
      found?.networks
        .find((network) => network.name === name)
        ?.scales.find(({ direction }) => direction === "faded")?.grips ?? [];
    expect(gripsOf("vit").map(({ family }) => family)).toEqual(["contrast_enhancement", "colour_scale"]);
    // bytes are rounded, and at a fifth of the contrast by up to 4 % of what is left
    for (const { leastCosine } of gripsOf("vit, before-projection"))
      expect(leastCosine.value).toBeGreaterThan(0.99);
    // without a bias, patches are as large as their colours: at a fifth, but for rounding down
    expect(gripsOf("vit")[1]?.shrinkage.value).toBeCloseTo(0.2, 2);

    const pieces = kept.size;
    expect(await run()).toEqual(result);
    expect(kept.size).toBe(pieces);
    for (const model of opened) await model[Symbol.asyncDispose]();

    const page = documentMarkdown(preLayerNormDocument(result));
    expect(page).toContain("blobs: vit (ViT), cnn (CNN) on 12 images, calibrated on 6 others. Seed 3.");
    expect(page).toContain("| most-corruptions | vit against cnn |");
    expect(page).toContain("| contrast\\_enhancement (not counted) |");
  }, 60_000);

  it("tells of images to calibrate on that cannot be read, and does not count them", async () => {
    await using vit = open(VIT);
    const opened: VisionModel[] = [];
    const broken = {
      source: "broken.png",
      read: async () => Promise.reject(new ImageError("unreadable", "broken.png is no picture.")),
    };
    const trial = trialOf("vit", vit, opened);
    const trials = [{ ...trial, entries: entriesOf(0, 2), calibration: [broken, ...entriesOf(12, 3)] }];
    const options = { ...OPTIONS, corruptions: ["contrast_enhancement"] };
    const { datasets } = await reproducePreLayerNorm(trials, options);
    expect(datasets[0]).toMatchObject({
      images: 2,
      calibrationImages: 3,
      skipped: [{ source: "broken.png", reason: "broken.png is no picture." }],
    });
    for (const model of opened) await model[Symbol.asyncDispose]();
  }, 60_000);

  it("refuses other images in one data set", async () => {
    await using cnn = open(CNN);
    const [a, b] = [trialOf("a", cnn, []), { ...trialOf("b", cnn, []), entries: entriesOf(1, 12) }];
    await expect(reproducePreLayerNorm([a, b], OPTIONS)).rejects.toThrow(UsageError);
  });
});
