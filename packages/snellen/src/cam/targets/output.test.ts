// Oracle: values computed here, and finite differences in ONNX Runtime.
import { describe, expect, it } from "vitest";
import { openTextModel } from "../../vision-model/test-support/text-model.ts";
import { bindTargets, checkTargets } from "./index.ts";
import { outputTarget } from "./output.ts";
import { distance, finiteCells, mapsOf, tensorImage } from "./test-support/finite-cells.ts";

/** Class scores, and a second head with two values of four numbers, behind a Celu (which has to be opened to differentiate). */
const TWO_HEADS = `g (float[N,3,4,4] x, float[2,3,1,1] w, float[2,2,1,1] h, float[2,5] v, float[32,8] u) => (float[N,5] y, float[N,2,4] "pose[0]", float[N] size, int64[N,1] k, float[5,N] t)
  <int64[3] rows = {0, 2, 4}, int64[1] one = {1}>
  { f = Conv (x, w) g = Conv (f, h) p = GlobalAveragePool (g) r = Flatten (p) y = MatMul (r, v)
    a = Celu (f) fa = Flatten (a) m = MatMul (fa, u) "pose[0]" = Reshape (m, rows) size = ReduceSum <keepdims = 0> (m, one)
    k = ArgMax <axis = 1> (y) t = Transpose (y) }`;

const info = openTextModel(TWO_HEADS).info;

describe("output", () => {
  it.each(["output:pose[0][1,2]", "output:pose[0][-1,-2]", "output:m[6]", "output:size", "output:y[4]"])(
    "%s has the gradient that finite differences give",
    async (target) => {
      await using model = openTextModel(TWO_HEADS);
      const image = tensorImage(model, 1);
      const [map] = await mapsOf(model, [image], target);
      expect(distance(map, await finiteCells(model, image, target))).toBeLessThan(1e-3);
      expect(map?.target).toBe(target);
      expect(map?.cells.values.some((v) => Math.abs(v) > 1e-3)).toBe(true);
    },
  );

  it("counts elements row by row, from the front or from the end", async () => {
    await using model = openTextModel(TWO_HEADS);
    const image = tensorImage(model, 2);
    const score = async (target: string) => (await mapsOf(model, [image], target))[0]?.score;
    const row = await Promise.all([0, 1, 2, 3, 4, 5, 6, 7].map((i) => score(`output:m[${i}]`)));
    expect(await score("output:pose[0][1,2]")).toBe(row[6]);
    expect(await score("output:pose[0][-2,-1]")).toBe(row[3]);
    expect(await score("output:size")).toBeCloseTo(
      row.reduce((a: number, v) => a + (v ?? 0), 0),
      5,
    );
  });

  it("is about a class where the value holds the scores, about none elsewhere", async () => {
    await using model = openTextModel(TWO_HEADS, { labels: ["a", "b", "c", "d", "e"] });
    const [scores] = await mapsOf(model, [tensorImage(model, 1)], "output:y[3]");
    const [pose] = await mapsOf(model, [tensorImage(model, 1)], "output:pose[0][0,0]");
    expect([scores?.classIndex, scores?.className]).toEqual([3, "d"]);
    expect([pose?.classIndex, pose?.className]).toEqual([-1, undefined]);
    const finer = model.cam([tensorImage(model, 1)], { method: "finer-cam", target: "output:size" });
    await expect(finer).rejects.toMatchObject({ code: "no-class" });
  });

  it("is refused for a layer that it does not depend on", async () => {
    await using model = openTextModel(TWO_HEADS);
    const other = model.cam([tensorImage(model, 1)], { layer: "g", target: "output:size" });
    await expect(other).rejects.toMatchObject({
      code: "no-gradient-path",
      message: expect.stringContaining('layer "g": does not influence what is explained.'),
    });
  });

  it.each([
    ["output:", "bad-target", "names no value. Write output:y[0]."],
    ["output:pose", "unknown-value", 'computes no value "pose". Did you mean "p'],
    ["output:x[0,0,0]", "unknown-value", 'the network computes no value "x"'],
    ["output:w[0,0,0]", "unknown-value", 'the network computes no value "w"'],
    [
      "output:pose[0]",
      "bad-target",
      `"pose[0]" is [N, 2, 4], so that an element needs 2 indices. Write output:pose[0][1,3]`,
    ],
    ["output:pose[0][1]", "bad-target", "needs 2 indices"],
    ["output:pose[0][1,x]", "bad-target", "expected whole numbers between commas"],
    ["output:y[]", "bad-target", "expected whole numbers between commas"],
    ["output:y", "bad-target", "needs 1 indices"],
    ["output:y[5]", "target-out-of-range", `index 5 does not exist. Axis 1 of "y" goes from 0 to 4.`],
    ["output:pose[0][-3,0]", "target-out-of-range", "index -3 does not exist"],
    ["output:size[0]", "bad-target", '"size" is [N], so that an element needs 0 indices'],
    ["output:k", "unexplainable-value", "it holds int64, which has no gradient"],
    ["output:t[0]", "unexplainable-value", "its first axis is not the batch ([5, 2])"],
  ])("refuses %s with %s", (target, code, message) => {
    expect(() => checkTargets(info, [], target)).toThrow(
      expect.objectContaining({ code, message: expect.stringContaining(message) }),
    );
  });

  it("is made from code too", () => {
    expect(outputTarget(info, "size").name).toBe("output:size");
    expect(bindTargets(info, ["output:size", "output:m[1]"]).map(({ name }) => name)).toEqual([
      "output:size",
      "output:m[1]",
    ]);
  });
});
