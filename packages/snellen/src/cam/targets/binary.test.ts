// Oracles: pytorch-grad-cam's BinaryClassifierOutputTarget as recorded (fixtures/cams.one-logit.json), and the score itself.
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { openModel } from "../../node/open-model.ts";
import { openTextModel } from "../../vision-model/test-support/text-model.ts";
import { type BinarySide, binaryTarget } from "./binary.ts";
import { checkTargets } from "./index.ts";
import { mapsOf, tensorImage } from "./test-support/finite-cells.ts";

const ONE = `g (float[N,3,4,4] x, float[4,3,1,1] w, float[4,1] v) => (float[N,1] y)
  { f = Conv (x, w) p = GlobalAveragePool (f) r = Flatten (p) y = MatMul (r, v) }`;

describe("binary", () => {
  it.each(["binary:1", "binary:0"])("%s is what the library takes", async (target) => {
    const fixtures = join(import.meta.dirname, "../fixtures");
    const recorded = JSON.parse(readFileSync(join(fixtures, "cams.one-logit.json"), "utf8"));
    const theirs = recorded.maps.find((row: { target: string }) => row.target === target);
    await using model = await openModel(join(fixtures, "one-logit.onnx"));
    const size = recorded.x.data.length / 2;
    const images = [0, 1].map((i) => ({
      source: `x[${i}]`,
      shape: recorded.x.dims.slice(1),
      values: Float32Array.from(recorded.x.data.slice(i * size, (i + 1) * size)),
    }));
    const layer = recorded.files["one-logit.onnx"].features;
    const maps = await model.cam(images, { method: "grad-cam", layer, target });
    maps.forEach((map, i) => {
      expect(map.score).toBeCloseTo(theirs.score[i], 5);
      expect(map).toMatchObject({ target, classIndex: 0 });
      // seven digits were recorded
      for (const [j, v] of map.cells.values.entries())
        expect(v).toBeCloseTo(theirs.cells.data[i * map.cells.values.length + j], 6);
    });
  });

  it("takes the side that the score is on, and that of the image's label", async () => {
    await using model = openTextModel(ONE);
    const images = [1, 2, 3, 4, 5, 6].map((seed) => tensorImage(model, seed, { classIndex: seed % 2 }));
    const [plain, own, labelled] = await Promise.all(
      ["top1", "binary:top1", "binary:label"].map((target) => mapsOf(model, images, target)),
    );
    const scores = plain?.map(({ score }) => score) ?? [];
    expect(scores.some((v) => v < 0) && scores.some((v) => v > 0)).toBe(true);
    expect(own?.map(({ score }) => score)).toEqual(scores.map(Math.abs));
    expect(labelled?.map(({ score }) => score)).toEqual(scores.map((v, i) => (i % 2 === 0 ? v : -v)));
  });

  it("refuses models with several scores, other sides and other labels", () => {
    const info = openTextModel(ONE).info;
    const several = openTextModel(ONE.replace("float[4,1] v", "float[4,3] v")).info;
    const images = [{ source: "a.png", className: "cat" }];
    const refusal = (code: string, message: string) =>
      expect.objectContaining({ code, message: expect.stringContaining(message) });
    expect(() => binaryTarget(several, 1)).toThrow(refusal("not-binary", "Name a class: 0 to 2, or top1."));
    expect(() => checkTargets(info, images, "binary:2")).toThrow(refusal("bad-target", "Write binary:1."));
    expect(() => checkTargets(info, images, "binary:label")).toThrow(
      refusal("no-label", "a.png: the image's"),
    );
    for (const side of [0, 1, "top1"] satisfies BinarySide[])
      expect(() => checkTargets(info, images, binaryTarget(info, side))).not.toThrow();
  });
});
