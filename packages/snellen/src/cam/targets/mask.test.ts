// Oracles: pytorch-grad-cam's SemanticSegmentationTarget as recorded (fixtures/cams.dense.json); on a model that is linear at
// every position the cells are the class's score inside the mask and 0 outside.
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { openModel } from "../../node/open-model.ts";
import { openTextModel } from "../../vision-model/test-support/text-model.ts";
import { bindTargets, checkTargets } from "./index.ts";
import { maskFileOf, maskTarget } from "./mask.ts";
import { COARSE, DENSE, distance, finiteCells, mapsOf, tensorImage } from "./test-support/finite-cells.ts";

const FIXTURES = join(import.meta.dirname, "../fixtures");

describe("a mask that is given", () => {
  it.each([1, 2])("class %i is what the library takes", async (reference) => {
    const recorded = JSON.parse(readFileSync(join(FIXTURES, "cams.dense.json"), "utf8"));
    const theirs = recorded.maps.find((row: { target: string }) => row.target === `mask:${reference}`);
    await using model = await openModel(join(FIXTURES, "dense.onnx"));
    const [, height, width] = recorded.masks.dims;
    for (const i of [0, 1]) {
      const part = (data: number[]) => data.slice((i * data.length) / 2, ((i + 1) * data.length) / 2);
      const image = {
        source: `x[${i}]`,
        shape: recorded.x.dims.slice(1),
        values: Float32Array.from(part(recorded.x.data)),
      };
      const mask = Uint8Array.from(part(recorded.masks.data), (v) => 255 * v);
      const target = maskTarget(model.info, reference, { mask, width, height });
      const layer = recorded.files["dense.onnx"].features;
      const [map] = await model.cam([image], { method: "grad-cam", layer, target });
      expect(map?.score).toBeCloseTo(theirs.score[i], 4);
      // float32 sums of 50 scores in another order, cells up to 0.15
      expect(distance(map, part(theirs.cells.data))).toBeLessThan(1e-5);
    }
  });

  it("is stretched over the whole input: an output cell lies inside where the mask's pixel at its centre does", async () => {
    await using model = openTextModel(COARSE);
    const image = tensorImage(model, 1);
    // 3 rows and 2 columns of pixels over 2 x 4 cells: centres of rows at 0.75 and 2.25, of columns at 0.25, 0.75, 1.25, 1.75
    const mask = Uint8Array.from([0, 9, 0, 0, 1, 0]);
    const target = maskTarget(model.info, 1, { mask, width: 2, height: 3, file: "road@2x.png" });
    expect(target.name).toBe("mask:1@road@2x.png");
    expect(target.feed(image)).toEqual([[1], [0, 0, 1, 1, 1, 1, 0, 0]]);
    const [map] = await mapsOf(model, [image], target);
    expect(distance(map, await finiteCells(model, image, target))).toBeLessThan(1e-4);
  });
});

describe("the network's own mask", () => {
  it("holds the positions where the class is the highest, and no gradient", async () => {
    await using model = openTextModel(DENSE);
    const images = [1, 2].map((seed) => tensorImage(model, seed));
    const byClass = await Promise.all([0, 1, 2].map((c) => mapsOf(model, images, maskTarget(model.info, c))));
    for (const i of [0, 1]) {
      // at every position one class has it, with the highest score as its cell
      const cells = byClass.map((maps) => maps[i]?.cells.values as Float32Array);
      const scores = await positionScores(model, i + 1);
      for (let p = 0; p < 24; p++) {
        const here = scores.map((row) => row[p] as number);
        const best = here.indexOf(Math.max(...here));
        expect(cells.map((row) => row[p] !== 0)).toEqual([0, 1, 2].map((c) => c === best));
        expect(cells[best]?.[p]).toBeCloseTo(here[best] as number, 5);
      }
    }
    const [own] = await mapsOf(model, images, "mask:top1");
    expect(own?.cells.values).toEqual(byClass[own?.classIndex ?? -1]?.[0]?.cells.values);
  });

  it("of a single class holds the positions with a score above 0", async () => {
    await using model = openTextModel(
      DENSE.replace("float[3,2,1,1] v", "float[1,2,1,1] v").replace("float[N,3,4,6] y", "float[N,1,4,6] y"),
    );
    const [map] = await mapsOf(model, [tensorImage(model, 1)], "mask:0");
    const cells = [...(map?.cells.values ?? [])];
    expect(cells.every((v) => v >= 0) && cells.includes(0) && cells.some((v) => v > 0)).toBe(true);
  });

  it("says so where it is empty", async () => {
    const never = DENSE.replace("y = Conv (f, v)", "s = Conv (f, v) y = Mul (s, only)");
    await using model = openTextModel(never.replace("\n  {", "\n <float[1,3,1,1] only = {0, 1, 1}> {"));
    const image = { ...tensorImage(model, 1), values: new Float32Array(72).fill(0) };
    const [map] = await mapsOf(model, [image], "mask:1");
    expect(map?.warnings).toEqual([expect.stringContaining("its mask is empty")]);
  });
});

describe("texts and mistakes", () => {
  const named = openTextModel(DENSE, { labels: ["road", "a@b", "sky: blue"] }).info;

  it("tells class and file apart, whatever either is called", () => {
    expect(maskFileOf(named, "mask:road@masks/a@2x.png")).toEqual({
      reference: "road",
      file: "masks/a@2x.png",
    });
    expect(maskFileOf(named, "mask:a@b@m.png")).toEqual({ reference: "a@b", file: "m.png" });
    expect(maskFileOf(named, "mask:a@b")).toBeUndefined();
    expect(bindTargets(named, "mask:a@b")[0]?.feed({ source: "" })).toEqual([[1]]);
    expect(bindTargets(named, "mask:sky: blue")[0]?.feed({ source: "" })).toEqual([[2]]);
    expect(maskFileOf(named, "road")).toBeUndefined();
  });

  it.each([
    ["mask:", "bad-target", "Write mask:top1."],
    ["mask:road@m.png", "bad-target", "files are read by the command line and by readMaskTarget"],
    ["mask:rood", "unknown-label", 'Did you mean "road"?'],
    ["mask:7", "target-out-of-range", "0 to 2"],
    ["mask:label", "no-label", "the image has no label"],
  ])("refuses %s with %s", (target, code, message) => {
    expect(() => checkTargets(named, [{ source: "a.png" }], target)).toThrow(
      expect.objectContaining({ code, message: expect.stringContaining(message) }),
    );
  });

  it("refuses masks of nothing, classifiers, and positions that lie on no grid", () => {
    const mask = { mask: new Uint8Array(24), width: 6, height: 4, file: "m.png" };
    expect(() => maskTarget(named, 0, mask)).toThrow(
      expect.objectContaining({ code: "empty-mask", message: expect.stringContaining("m.png: no cell") }),
    );
    const flat = DENSE.replace(
      "y = Conv (f, v)",
      "s = Conv (f, v) p = GlobalAveragePool (s) y = Flatten (p)",
    );
    const classifier = openTextModel(flat.replace("float[N,3,4,6] y", "float[N,3] y")).info;
    const anchors = DENSE.replace("y = Conv (f, v)", "s = Conv (f, v) y = Reshape (s, rows)");
    const detector = openTextModel(
      anchors
        .replace("float[N,3,4,6] y", "float[N,3,24] y")
        .replace("\n  {", "\n <int64[3] rows = {0, 3, 24}> {"),
    ).info;
    expect(() => maskTarget(classifier, 0)).toThrow(
      expect.objectContaining({ code: "not-dense", message: expect.stringContaining('"y" is [N, 3].') }),
    );
    expect(() => maskTarget(detector, 0, { ...mask, mask: mask.mask.fill(1) })).toThrow(
      expect.objectContaining({ code: "not-dense", message: expect.stringContaining("box:<class>@<index>") }),
    );
    expect(maskTarget(detector, 0).name).toBe("mask:0");
  });
});

/** Scores of the classes at each position, computed here from the weights: [class][position]. */
async function positionScores(model: ReturnType<typeof openTextModel>, seed: number): Promise<number[][]> {
  const image = tensorImage(model, seed);
  const weights = (name: string) => {
    const tensor = model.info.model.graph.initializers.get(name);
    const bytes = tensor?.data as Uint8Array;
    return new Float32Array(bytes.buffer.slice(bytes.byteOffset, bytes.byteOffset + bytes.byteLength));
  };
  const [w, v] = [weights("w"), weights("v")];
  return [0, 1, 2].map((c) =>
    Array.from({ length: 24 }, (_, p) =>
      [0, 1].reduce((sum, k) => {
        const feature = [0, 1, 2].reduce(
          (s, m) => s + (w[3 * k + m] as number) * (image.values[24 * m + p] as number),
          0,
        );
        return sum + (v[2 * c + k] as number) * feature;
      }, 0),
    ),
  );
}
