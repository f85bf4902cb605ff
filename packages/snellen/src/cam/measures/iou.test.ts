// Oracle: hand literals, and trying every threshold.
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { iou, iouAtThresholds } from "./iou.ts";
import { evidenceOf } from "./test-support/evidence.ts";

const map = [4, 2, 1, 0, 3, 0, -1, 0];
const region = [1, 1, 0, 0, 0, 0, 0, 0];

describe("IoU", () => {
  it("at fixed shares of the maximum", () => {
    const evidence = evidenceOf({ map, dims: [2, 4], region });
    // above 1: 4, 2, 1, 3; above 2: 4, 2, 3; above 3: 4, 3
    expect(iouAtThresholds.map((m) => [m.id, m.measure(evidence)])).toEqual([
      ["iou-25", 2 / 4],
      ["iou-50", 2 / 3],
      ["iou-75", 1 / 3],
    ]);
  });

  it("at its best is the highest over all thresholds", () => {
    const cells = fc.array(fc.tuple(fc.integer({ min: -2, max: 6 }), fc.boolean()), {
      minLength: 1,
      maxLength: 30,
    });
    fc.assert(
      fc.property(cells, (pairs) => {
        const values = pairs.map(([v]) => v);
        const object = pairs.map(([, inside]) => Number(inside));
        fc.pre(values.some((v) => v > 0) && object.includes(1));
        const iouAbove = (threshold: number) => {
          const both = pairs.filter(([v, inside]) => v >= threshold && inside).length;
          return both / pairs.filter(([v, inside]) => v >= threshold || inside).length;
        };
        const best = Math.max(...[1, 2, 3, 4, 5, 6].filter((t) => values.some((v) => v >= t)).map(iouAbove));
        const evidence = evidenceOf({ map: values, dims: [1, values.length], region: object });
        expect(iou.measure(evidence)).toBeCloseTo(best, 12);
      }),
      { seed: 2 },
    );
  });
});
