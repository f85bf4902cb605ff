// Oracle: overlaps and scores computed here from the boxes that the model gives, and finite differences in ONNX Runtime.
import { describe, expect, it } from "vitest";
import { openTextModel } from "../../vision-model/test-support/text-model.ts";
import { checkTargets } from "./index.ts";
import { iouTarget } from "./iou.ts";
import { distance, finiteCells, mapsOf, tensorImage } from "./test-support/finite-cells.ts";

/** Eight boxes as corners in shares of the input, 4 high and 8 wide; the image moves them a little. */
const SHARES = [
  [0.0, 0.0, 0.5, 1.0],
  [0.1, 0.1, 0.5, 0.9],
  [0.5, 0.0, 1.0, 0.5],
  [0.45, 0.5, 0.95, 1.0],
  [0.0, 0.0, 0.2, 0.2],
  [0.7, 0.7, 0.9, 0.9],
  [0.0, 0.7, 0.3, 0.9],
  [0.4, 0.0, 0.6, 1.0],
];
const PIXELS = SHARES.map(([x0, y0, x1, y1]) => [8 * x0!, 4 * y0!, 8 * x1!, 4 * y1!]);
const centred = (boxes: readonly number[][]) =>
  boxes.map(([x0, y0, x1, y1]) => [(x0! + x1!) / 2, (y0! + y1!) / 2, x1! - x0!, y1! - y0!]);

const detector = (
  boxes: readonly number[][],
  move: number,
  last = "boxes = Mul (moved, unit)",
  shape = "8,4",
) =>
  openTextModel(`g (float[N,3,4,8] x, float[4,3,1,1] w, float[2,4,2,2] v, float[4,4,2,2] u) => (float[N,8,2] scores, float[N,${shape}] boxes)
    <float[1,8,4] base = {${boxes.flat().join(", ")}}, float small = {${move}}, int64[1] one = {1}, float unit = {1}, int64[3] s = {0, 2, 8}, int64[3] r = {0, 4, 8}>
    { f = Conv (x, w) c = Conv <strides = [2, 2]> (f, v) cr = Reshape (c, s) scores = Transpose <perm = [0, 2, 1]> (cr)
      d = Conv <strides = [2, 2]> (f, u) dr = Reshape (d, r) dp = Transpose <perm = [0, 2, 1]> (dr) dt = Tanh (dp) ds = Mul (dt, small) moved = Add (ds, base) ${last} }`);

const ANCHORS = [...SHARES.keys()];

const GIVEN = [0, 0, 4, 4] as const;

describe("iou", () => {
  const forms = [
    ["corners in shares", detector(SHARES, 0.01)],
    ["corners in pixels", detector(PIXELS, 0.05)],
    ["centres and sizes in shares", detector(centred(SHARES), 0.01)],
    ["centres and sizes in pixels", detector(centred(PIXELS), 0.05)],
    ["coordinates first", detector(SHARES, 0.01, "boxes = Transpose <perm = [0, 2, 1]> (moved)", "4,8")],
    [
      "put together with probabilities, as corners in shares",
      detector(SHARES, 0.01, "p = Sigmoid (scores) boxes = Concat <axis = 2> (moved, p)", "8,6"),
    ],
  ] as const;
  it.each(forms)("%s: the best of the boxes that overlap by half", async (form, model) => {
    const isShares = !form.includes("pixels");
    for (const seed of [1, 2, 3]) {
      const image = tensorImage(model, seed);
      const boxes = await Promise.all(
        ANCHORS.map(async (p) => {
          const sides = [0, 1, 2, 3].map((i) => `output:moved[${p},${i}]`);
          const values = (await model.cams([image], ["hires-cam"], { layer: "f", target: sides }))[0]?.map(
            (m) => m.score,
          );
          return values as number[];
        }),
      );
      const scores = (
        await model.cams([image], ["hires-cam"], {
          layer: "f",
          target: ANCHORS.map((p) => `box:1@${p}`),
        })
      )[0]?.map((m) => m.score) as number[];
      const shares = boxes.map((box) => {
        const [a, c, d, e] = box.map((v, i) => (isShares ? v : v / [8, 4, 8, 4][i]!)) as [
          number,
          number,
          number,
          number,
        ];
        return overlap(
          form.startsWith("centres") ? [a - d / 2, c - e / 2, a + d / 2, c + e / 2] : [a, c, d, e],
        );
      });
      const fitting = ANCHORS.filter((p) => shares[p]! >= 0.5);
      expect(fitting).toEqual([0, 1]);
      const best = fitting.reduce((a, p) => (scores[p]! > scores[a]! ? p : a));
      const target = iouTarget(model.info, 1, GIVEN);
      const [map] = await mapsOf(model, [image], target);
      expect(map?.score).toBeCloseTo(scores[best]! + shares[best]!, 4);
      expect(distance(map, await finiteCells(model, image, target))).toBeLessThan(1e-3);
    }
  });

  it("is 0 without a box that overlaps by half, and says so", async () => {
    const [, model] = forms[0];
    const [map] = await mapsOf(model, [tensorImage(model, 1)], "iou:1@3,1,5,3");
    expect(map).toMatchObject({
      score: 0,
      warnings: ["the gradient is zero everywhere: no box that the network gives overlaps this one by half"],
    });
  });

  it.each([
    [
      "iou:1",
      "bad-target",
      "expected a class and four numbers. Write iou:<class>@<left>,<top>,<right>,<bottom>,",
    ],
    ["iou:1@4,0,0,4", "bad-target", "no box of the input, which is 8 wide and 4 high"],
    ["iou:1@8,0,12,4", "bad-target", "no box of the input"],
    ["iou:2@0,0,4,4", "target-out-of-range", "class 2 does not exist"],
    ["iou:label@0,0,4,4", "no-label", "a.png: the image has no label"],
  ])("refuses %s with %s", (target, code, message) => {
    expect(() => checkTargets(forms[0][1].info, [{ source: "a.png" }], target)).toThrow(
      expect.objectContaining({ code, message: expect.stringContaining(message) }),
    );
  });

  it("names the outputs among which it found no boxes", () => {
    const model = detector(SHARES, 0.01, "boxes = Unsqueeze (moved, one)", "1,8,4");
    expect(() => iouTarget(model.info, 1, GIVEN)).toThrow(
      expect.objectContaining({
        code: "no-boxes",
        message:
          "--target iou: the model has no output of boxes [N, 8, 4] or [N, 4, 8]. Explain a score alone, box:<class>@<index>. Outputs: scores, boxes.",
      }),
    );
  });
});

/** Intersection over union of a box, corners in shares, with the given one, which is the left half of the picture. */
function overlap([x0, y0, x1, y1]: readonly [number, number, number, number]): number {
  const both =
    Math.max(0, Math.min(x1, 0.5) - Math.max(x0, 0)) * Math.max(0, Math.min(y1, 1) - Math.max(y0, 0));
  return both / ((x1 - x0) * (y1 - y0) + 0.5 - both);
}
