// Oracle: on a model that is linear at every position the cells are those of the whole class inside the rectangle and 0 outside;
// elsewhere finite differences in ONNX Runtime.
import { describe, expect, it } from "vitest";
import { openTextModel } from "../../vision-model/test-support/text-model.ts";
import { bindTargets, checkTargets } from "./index.ts";
import { regionTarget } from "./region.ts";
import { COARSE, DENSE, distance, finiteCells, mapsOf, tensorImage } from "./test-support/finite-cells.ts";

describe("region", () => {
  it("sums a class's scores over the rectangle and nothing else", async () => {
    await using model = openTextModel(DENSE);
    const images = [1, 2].map((seed) => tensorImage(model, seed));
    const [all, part] = await Promise.all(
      ["region:2@0,0,4,6", "region:2@1,2,3,5"].map((target) => mapsOf(model, images, target)),
    );
    part?.forEach((map, i) => {
      const whole = all?.[i]?.cells.values ?? [];
      const isInside = (p: number) => [1, 2].includes(Math.floor(p / 6)) && [2, 3, 4].includes(p % 6);
      const expected = Array.from(whole, (v, p) => (isInside(p) ? v : 0));
      expect(distance(map, expected)).toBeLessThan(1e-6);
      expect(map.score).toBeCloseTo(
        expected.reduce((a, v) => a + v, 0),
        5,
      );
      expect(map).toMatchObject({ classIndex: 2, target: "region:2@1,2,3,5" });
    });
  });

  it("is averaged over versions of the image that are not mirrored", async () => {
    await using model = openTextModel(DENSE);
    const [image, target] = [tensorImage(model, 1), "region:2@0,0,4,2"];
    const options = { method: "hires-cam", layer: "f", target };
    const [plain] = await model.cam([image], options);
    const [smooth] = await model.cam([image], { ...options, augSmooth: true });
    // the scores are linear in the image, of which the versions are 1, 0.9 and 1.1 times
    expect(distance(smooth, [...(plain?.cells.values ?? [])])).toBeLessThan(1e-6);
  });

  it("takes output cells whose centres lie in the rectangle, in pixels of the input; at least its middle's", async () => {
    await using model = openTextModel(COARSE);
    const cells = (text: string) => bindTargets(model.info, text)[0]?.feed({ source: "" })[1];
    // cells of 3 x 3 pixels, centres at 1.5, 4.5, 7.5, 10.5
    expect(cells("region:0@0,0,6,12")).toEqual([1, 1, 1, 1, 1, 1, 1, 1]);
    expect(cells("region:0@1.5,4.4,4.5,7.5")).toEqual([0, 1, 0, 0, 0, 0, 0, 0]);
    expect(cells("region:0@3,5,4,6")).toEqual([0, 0, 0, 0, 0, 1, 0, 0]);
    expect(cells("region:0@0,11,6,12")).toEqual([0, 0, 0, 1, 0, 0, 0, 1]);
    const image = tensorImage(model, 3);
    const target = regionTarget(model.info, "top1", [0, 0, 3, 9]);
    const [map] = await mapsOf(model, [image], target);
    expect(map?.cells.dims).toEqual([6, 12]);
    const own = regionTarget(model.info, map?.classIndex ?? -1, [0, 0, 3, 9]);
    expect(distance(map, await finiteCells(model, image, own))).toBeLessThan(1e-4);
  });

  it.each([
    [
      "region:1",
      "bad-target",
      "expected a class and four numbers. Write region:<class>@<top>,<left>,<bottom>,",
    ],
    ["region:1@1,2,3", "bad-target", "expected a class and four numbers"],
    ["region:1@a,0,2,2", "bad-target", "expected a class and four numbers"],
    ["region:1@2,0,2,2", "bad-target", "the input is 4 high and 6 wide"],
    ["region:1@0,0,4,7", "bad-target", "the input is 4 high and 6 wide"],
    ["region:1@-1,0,4,6", "bad-target", "no rectangle of the input"],
    ["region:3@0,0,4,6", "target-out-of-range", "class 3 does not exist"],
    ["region:sky@0,0,4,6", "unknown-label", '"sky" is a class name'],
    ["region:label@0,0,4,6", "no-label", "a.png: the image has no label"],
  ])("refuses %s with %s", (target, code, message) => {
    const { info } = openTextModel(DENSE);
    expect(() => checkTargets(info, [{ source: "a.png" }], target)).toThrow(
      expect.objectContaining({ code, message: expect.stringContaining(message) }),
    );
  });
});
