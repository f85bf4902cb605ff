// Weak pixels and the medians around them. Oracles: medians by sorting each window; combs whose weak pixels are counted by hand.
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { medianOf } from "../size/field-values.ts";
import { bump, fieldOf } from "../size/test-support/made-fields.ts";
import { localMedian } from "./local-median.ts";
import { weakPixels } from "./weak-pixels.ts";

describe("localMedian", () => {
  it("is what sorting the window gives, at borders and with ties too", () => {
    const side = fc.integer({ min: 1, max: 12 });
    const half = fc.integer({ min: 0, max: 7 });
    fc.assert(
      fc.property(
        fc.tuple(side, side, half, half).chain(([h, w, down, across]) =>
          fc.tuple(
            fc.constant([h, w, down, across] as const),
            fc.array(fc.oneof(fc.integer({ min: 0, max: 3 }), fc.double({ noNaN: true, min: 0, max: 9 })), {
              minLength: h * w,
              maxLength: h * w,
            }),
          ),
        ),
        ([[h, w, down, across], values]) => {
          const field = { values: Float64Array.from(values), dims: [h, w] as const };
          const sorted = Array.from(values, (_, i) => {
            const [y, x] = [Math.floor(i / w), i % w];
            return medianOf(
              values.filter(
                (_, j) => Math.abs(Math.floor(j / w) - y) <= down && Math.abs((j % w) - x) <= across,
              ),
            );
          });
          expect([...localMedian(field, [2 * down + 1, 2 * across + 1])]).toEqual(sorted);
        },
      ),
      { seed: 3, numRuns: 200 },
    );
  });
});

describe("weakPixels", () => {
  it("counts the weak phase of a comb, and not those that are just above half", () => {
    const comb = (low: number) => fieldOf(32, 32, (x, y) => (x % 2 === 1 && y % 2 === 1 ? low : 1));
    expect(weakPixels(comb(0.49), 2)).toEqual({ share: 0.25, count: 256, deadShare: 0, window: [5, 5] });
    expect(weakPixels(comb(0.51), 2).share).toBe(0);
  });

  it("widens the window with the stride, along each axis", () => {
    expect(
      weakPixels(
        fieldOf(40, 40, () => 1),
        [1, 8],
      ).window,
    ).toEqual([5, 17]);
  });

  it("calls none weak in a smooth field whose σ is wide beside the window, whatever its scale", () => {
    const field = fieldOf(96, 80, (x, y) => 1e-12 * bump(40, 50, 14, 18)(x, y));
    expect(weakPixels(field, 2).share).toBeLessThan(0.005);
  });

  it("cannot see dead pixels that are the majority, whose median is dead too, but counts them", () => {
    const field = fieldOf(32, 32, (x, y) => (x % 2 === 0 && y % 2 === 0 ? 1 : 0));
    expect(weakPixels(field, 2)).toMatchObject({ share: 0, deadShare: 0.75 });
  });
});
