// Oracle: the circle. A cone's line of one level is a circle of known radius.
import { describe, expect, it } from "vitest";
import { createCanvas } from "./canvas.ts";
import { drawContour } from "./contour.ts";

const SIDE = 41;
const RADIUS = 12;
const GREY = 128;

const distance = (i: number) => Math.hypot((i % SIDE) - 20, Math.floor(i / SIDE) - 20);
const cone = (sign: number) => ({
  values: Float32Array.from({ length: SIDE * SIDE }, (_, i) => sign * (30 - distance(i))),
  dims: [SIDE, SIDE] as const,
});

function drawn(sign: number, level: number, signed: boolean) {
  const canvas = createCanvas(SIDE, SIDE, [GREY, GREY, GREY]);
  drawContour(canvas, cone(sign), level, signed);
  const found: { white: number[]; black: number[] } = { white: [], black: [] };
  for (let i = 0; i < SIDE * SIDE; i++) {
    const value = canvas.data[3 * i] as number;
    if (value !== GREY) found[value === 255 ? "white" : "black"].push(distance(i));
  }
  return found;
}

describe("drawContour", () => {
  it("draws a circle, white inside and black outside", () => {
    const { white, black } = drawn(1, 30 - RADIUS, false);
    // pixels beside the line, so within a pixel's step of it
    for (const d of white) expect(d > RADIUS - 1 && d <= RADIUS).toBe(true);
    for (const d of black) expect(d > RADIUS && d <= RADIUS + 1).toBe(true);
    // a circle of radius r on the grid has 4 · √2 · r pixels, 8-connected
    expect(Math.abs(white.length - 4 * Math.SQRT2 * RADIUS)).toBeLessThan(6);
    expect(black.length).toBeGreaterThan(white.length);
  });

  it("follows negative values only if signed", () => {
    expect(drawn(-1, 30 - RADIUS, true)).toEqual(drawn(1, 30 - RADIUS, false));
    expect(drawn(-1, 30 - RADIUS, false)).toEqual({ white: [], black: [] });
  });

  it("draws nothing where nothing passes, or for a level of 0", () => {
    for (const level of [100, 0, -1, Number.NaN])
      expect(drawn(1, level, false)).toEqual({ white: [], black: [] });
  });
});
