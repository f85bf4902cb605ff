// Oracle: the same maps asked for by the class or side that the unaltered image shows, image by image.
import { describe, expect, it } from "vitest";
import { openTextModel } from "../vision-model/test-support/text-model.ts";
import type { VisionModel } from "../vision-model/vision-model.ts";
import { augmentations, augmented } from "./augment.ts";
import { DENSE, tensorImage } from "./targets/test-support/finite-cells.ts";

const BINARY = `g (float[N,3,4,6] x, float[5,3,1,1] w, float[120,1] v) => (float[N,1] y)
  { f = Conv (x, w) q = Flatten (f) y = MatMul (q, v) }`;
/** Where all values are x, class 0 has 0.75 + 0.3 x and class 1 has x. */
const CROSSING = `g (float[N,3,4,6] x) => (float[N,2,4,6] y)
  <float[3,3,1,1] w = {1, 0, 0, 0, 1, 0, 0, 0, 1}, float[2,3,1,1] v = {0.1, 0.1, 0.1, 1, 0, 0}, float[2] c = {0.75, 0}>
  { f = Conv (x, w) y = Conv (f, v, c) }`;

const imagesOf = (model: VisionModel, count: number) =>
  Array.from({ length: count }, (_, seed) => tensorImage(model, seed + 1));

describe("versions of an image explain what the image itself shows", () => {
  it("the side of a single score", async () => {
    await using model = openTextModel(BINARY);
    const { spec } = model.info.preprocessing;
    let turned = 0;
    for (const image of imagesOf(model, 8)) {
      const versions = augmentations.map((a) => augmented(spec, image, a));
      const signs = (await model.predict(versions)).map(({ logits }) => Math.sign(logits[0] ?? 0));
      turned += signs.filter((sign) => sign !== signs[0]).length;
      for (const method of ["hires-cam", "ablation-cam"]) {
        const options = { method, layer: "f", augSmooth: true };
        const [open] = await model.cam([image], { ...options, target: "binary:top1" });
        const side = signs[0] === 1 ? "binary:1" : "binary:0";
        const [given] = await model.cam([image], { ...options, target: side });
        expect(open?.map.values).toEqual(given?.map.values);
      }
    }
    expect(turned).toBeGreaterThan(0);
  });

  it("the class at a position", async () => {
    await using model = openTextModel(CROSSING);
    const plain = tensorImage(model, 1);
    const ones = { ...plain, values: plain.values.map(() => 1) };
    const brighter = { ...plain, values: plain.values.map(() => 1.1) };
    const options = { method: "hires-cam", layer: "f" };
    const seen = await model.cam([ones, brighter], { ...options, target: "box:top1@5" });
    expect(seen.map(({ classIndex }) => classIndex)).toEqual([0, 1]);
    const [open] = await model.cam([ones], { ...options, target: "box:top1@5", augSmooth: true });
    const [given] = await model.cam([ones], { ...options, target: "box:0@5", augSmooth: true });
    expect(open?.map.values).toEqual(given?.map.values);
  });

  it("the ranks of each image, also of several from one source", async () => {
    await using model = openTextModel(DENSE);
    const options = { method: "hires-cam", layer: "f", target: "rank2", augSmooth: true };
    const images = imagesOf(model, 6);
    const alone = await Promise.all(images.map((image) => model.cam([image], options)));
    const together = await model.cam(
      images.map((image) => ({ ...image, source: "one.png" })),
      options,
    );
    expect(new Set(together.map(({ classIndex }) => classIndex)).size).toBeGreaterThan(1);
    together.forEach((map, i) => {
      map.map.values.forEach((v, p) => {
        expect(v).toBeCloseTo(alone[i]?.[0]?.map.values[p] as number, 5);
      });
    });
  });
});

it("leaves mirrored versions out for targets that are about a place alone", async () => {
  await using model = openTextModel(DENSE);
  const options = { layer: "f", augSmooth: true };
  const [image] = imagesOf(model, 1) as [ReturnType<typeof tensorImage>];
  const targets = ["region:0@0,0,2,2", "top1", "1"];
  const methods = ["grad-cam", "hires-cam"];
  const [maps = []] = await model.cams([image], methods, { ...options, target: targets });
  expect(maps.map(({ method, target }) => [method, target])).toEqual(
    methods.flatMap((method) => targets.map((target) => [method, target])),
  );
  for (const { method, target, map } of maps) {
    const [alone] = await model.cam([image], { ...options, method, target });
    map.values.forEach((v, p) => {
      expect(v).toBeCloseTo(alone?.map.values[p] as number, 5);
    });
  }
});
