// Oracle: the formula by hand, 4 · |score| / places.
import { UsageError } from "@snellen/graph";
import { describe, expect, it } from "vitest";
import { createCanvas } from "./canvas.ts";
import { overlay } from "./overlay.ts";
import { type ScaledMap, scale, scales } from "./scale.ts";

const grid = (side: number, values: readonly number[]) => ({
  values: Float32Array.from({ length: side * side }, (_, i) => values[i] ?? 0),
  dims: [side, side] as const,
});

/** A map of 10x10 pixels from 2x2 cells, the first pixels as given, the rest 0. */
const made = (values: readonly number[], more: Partial<ScaledMap> = {}): ScaledMap => ({
  map: grid(10, values),
  cells: grid(2, []),
  unit: "score",
  score: 5,
  conservative: true,
  ...more,
});

describe("conservative", () => {
  const { range } = scale("conservative");

  it("counts pixels where upsampling keeps the sum", () => {
    expect(range(made([0.15, 0.1]), false)).toEqual({
      low: 0,
      high: 0.2,
      caption: "full colour = 4 % of the score per pixel",
    });
  });

  it("counts cells where upsampling keeps the magnitude", () => {
    const cells = grid(14, []);
    const found = range(made([0.1], { cells, conservative: false }), false);
    expect(found.high).toBeCloseTo(20 / 196, 12);
    expect(found.caption).toBe("full colour = 2 % of the score per cell");
  });

  it("counts pixels of maps made by the pixel", () => {
    const found = range(made([0.15], { cells: grid(10, []), conservative: false }), false);
    expect(found).toMatchObject({ high: 0.2, caption: "full colour = 4 % of the score per pixel" });
  });

  it("says how much of the map it cuts", () => {
    expect(range(made([0.21, 0.5, 7]), false).caption).toBe(
      "full colour = 4 % of the score per pixel, 3 % of the map above",
    );
    expect(range(made([0.5, -0.5]), true).caption).toBe(
      "full colour = ±4 % of the score per pixel, 2 % of the map above",
    );
  });

  it("says that a map misses the score", () => {
    const dark = "nothing reaches 10 % of the usual full colour: the map holds little of the score";
    expect(range(made([0.019, -3]), false).dark).toBe(dark);
    expect(range(made([0.021]), false).dark).toBeUndefined();
    expect(range(made([0.019, -3]), true).dark).toBeUndefined();
  });

  it("lifts a map that stays below half of full colour, and says by how much", () => {
    expect(range(made([0.05]), false)).toEqual({
      low: 0,
      high: Math.fround(0.05),
      caption: "full colour = 1 % of the score per pixel, lifted 4 times",
    });
    expect(range(made([0.05, -0.08]), true)).toMatchObject({
      low: -Math.fround(0.08),
      caption: "full colour = ±1.6 % of the score per pixel, lifted 2.5 times",
    });
    expect(range(made([0.11]), false).high).toBe(0.2);
  });

  it("takes the magnitude of negative scores", () => {
    expect(range(made([0.2], { score: -5 }), true)).toMatchObject({ low: -0.2, high: 0.2 });
  });

  it("falls back to the maximum where a share of the score has no meaning, and says so", () => {
    expect(range(made([0.0312], { unit: "own" }), false)).toMatchObject({
      low: 0,
      high: Math.fround(0.0312),
      caption: "0 to max 0.0312 (own scale)",
    });
    expect(range(made([2], { score: 0 }), false).caption).toBe("0 to max 2 (the score is 0)");
    expect(range(made([2], { score: Number.NaN }), false).caption).toBe("0 to max 2 (the score is NaN)");
  });

  it("shows maps and scores that grow alike as the same picture", () => {
    const picture = createCanvas(10, 10, [90, 120, 30]);
    const show = (factor: number) => {
      const scaled = made([0.4 * factor, 0.1 * factor], { score: 5 * factor });
      return overlay(picture, scaled.map, range(scaled, false));
    };
    expect(show(64)).toEqual(show(1));
  });
});

describe("max", () => {
  const { range } = scale("max");

  it("runs from 0 to the greatest value", () => {
    expect(range(made([3, -7]), false)).toEqual({ low: 0, high: 3, caption: "0 to max 3 (own scale)" });
    expect(range(made([3, -7]), true)).toEqual({ low: -7, high: 7, caption: "0 to ±max 7 (own scale)" });
  });

  it("says that there is nothing to show", () => {
    expect(range(made([-1]), false)).toEqual({ low: 0, high: 0, caption: "nothing above 0 in the map" });
    expect(range(made([]), true)).toEqual({ low: 0, high: 0, caption: "the map is 0 everywhere" });
  });
});

describe("minmax", () => {
  const { range } = scale("minmax");

  it("stretches", () => {
    expect(range(made([3, -0.5]), false)).toEqual({
      low: -0.5,
      high: 3,
      caption: "min-max stretched, −0.5 to 3 (own scale)",
    });
    expect(range(made(Array(100).fill(2)), false)).toEqual({ low: 2, high: 2, caption: "2 everywhere" });
  });

  it("keeps 0 in the middle of signed maps", () => {
    expect(range(made([3, -0.5]), true)).toMatchObject({ low: -3, high: 3 });
  });
});

describe("scale", () => {
  it("knows its ids", () => {
    expect(scales.map((s) => s.id)).toEqual(["conservative", "max", "minmax"]);
    expect(() => scale("min-max")).toThrow('no scale "min-max". Did you mean "minmax"?');
    expect(() => scale("x")).toThrow(UsageError);
  });

  it("never hands out NaN", () => {
    for (const { range } of scales)
      for (const signed of [true, false])
        for (const values of [[], [1], [-1], [0.1, -9]])
          for (const score of [0, 1e-30, -3, Number.POSITIVE_INFINITY]) {
            const { low, high } = range(made(values, { score }), signed);
            expect(high).toBeGreaterThanOrEqual(low);
            expect(Number.isFinite(high - low)).toBe(true);
          }
  });
});
