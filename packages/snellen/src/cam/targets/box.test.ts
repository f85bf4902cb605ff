// Oracle: finite differences in ONNX Runtime, and the model's own scores as `output` gives them.
import { describe, expect, it } from "vitest";
import { openTextModel } from "../../vision-model/test-support/text-model.ts";
import { checkTargets } from "./index.ts";
import { distance, finiteCells, mapsOf, tensorImage } from "./test-support/finite-cells.ts";

/** Scores of three classes at eight anchors, [N, 8, 3]. */
const ANCHORS = `g (float[N,3,4,4] x, float[2,3,1,1] w, float[6,2,2,2] v) => (float[N,8,3] y) <int64[3] rows = {0, 8, 3}>
  { f = Conv (x, w) c = Conv <strides = [2, 2]> (f, v) t = Tanh (c) h = Transpose <perm = [0, 2, 3, 1]> (t) y = Reshape (h, rows) }`;

describe("box", () => {
  it("is the score of a class at one position", async () => {
    await using model = openTextModel(ANCHORS);
    const images = [1, 2].map((seed) => tensorImage(model, seed));
    const [ours, theirs] = await Promise.all(
      ["box:2@5", "output:y[5,2]"].map((target) => mapsOf(model, images, target)),
    );
    expect(ours?.map((map) => map.score)).toEqual(theirs?.map((map) => map.score));
    expect(ours?.map((map) => map.classIndex)).toEqual([2, 2]);
    const [image] = images as [(typeof images)[0]];
    // the curvature of Tanh leaves 2e-4 at this step
    expect(distance(ours?.[0], await finiteCells(model, image, "box:2@5"))).toBeLessThan(5e-4);
  });

  it("takes ranks among the scores at that position, under augmentation smoothing too", async () => {
    await using model = openTextModel(ANCHORS);
    const image = tensorImage(model, 4);
    const options = { layer: "f", target: [0, 1, 2].map((c) => `box:${c}@3`) };
    const [byClass] = await model.cams([image], ["grad-cam"], options);
    const order = [...(byClass ?? [])].sort((a, c) => c.score - a.score);
    const ranked = ["box:top1@3", "box:rank2@3", "box:rank3@3"];
    const [byRank] = await model.cams([image], ["grad-cam"], { ...options, target: ranked });
    expect(byRank?.map((m) => [m.classIndex, m.score])).toEqual(order.map((m) => [m.classIndex, m.score]));
    const smooth = { ...options, augSmooth: true };
    const [a] = await model.cams([image], ["grad-cam"], { ...smooth, target: ranked });
    const own = order.map((m) => `box:${m.classIndex}@3`);
    const [c] = await model.cams([image], ["grad-cam"], { ...smooth, target: own });
    expect(a?.[0]?.cells.values).toEqual(c?.[0]?.cells.values);
  });

  it.each([
    ["box:1", "bad-target", "Write box:<class>@<index>, such as box:top1@17."],
    ["box:1@x", "bad-target", "expected a class and the index of a position"],
    ["box:1@8", "target-out-of-range", "position 8 does not exist. The output has 8 positions: 0 to 7."],
    ["box:1@1.5", "target-out-of-range", "position 1.5 does not exist"],
    ["box:3@1", "target-out-of-range", "class 3 does not exist"],
    ["box:cat@1", "unknown-label", '"cat" is a class name'],
    ["box:label@1", "no-label", "a.png: the image has no label"],
  ])("refuses %s with %s", (target, code, message) => {
    const { info } = openTextModel(ANCHORS);
    expect(() => checkTargets(info, [{ source: "a.png" }], target)).toThrow(
      expect.objectContaining({ code, message: expect.stringContaining(message) }),
    );
  });
});
