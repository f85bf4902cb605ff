// Oracle: areas in closed form (rings, bars, half discs), whatever the place, size and turn.
import { describe, expect, it } from "vitest";
import { coverageBox, drawCoverage } from "./coverage.ts";
import { box } from "./shapes.ts";
import { gridSize, sloanLetters } from "./sloan-letters.ts";

const area = (mask: Uint8Array) => mask.reduce((sum, share) => sum + share / 255, 0);

describe("drawCoverage", () => {
  const ringArea = Math.PI * (2.5 ** 2 - 1.5 ** 2);
  it.each([
    ["O", ringArea],
    ["H", 5 + 5 + 3],
    ["D", 2.5 * 5 - 1.5 * 3 + ringArea / 2],
  ] as const)("covers the area of %s within 0.5 %%", (label, strokes) => {
    for (const [rotation, height, shift] of [
      [0, 40, 0],
      [17, 33.3, 0.4],
      [-30, 25.7, 0.9],
    ] as const) {
      const placement = { centerX: 32 + shift, centerY: 31 - shift, height, rotation };
      const mask = drawCoverage(sloanLetters[label], placement, 64);
      const error = area(mask) / (height / gridSize) ** 2 / strokes - 1;
      expect(Math.abs(error)).toBeLessThan(0.005);
    }
  });

  it("gives whole and half pixels of an aligned box exactly", () => {
    const square = box(0, 0, 5, 5);
    const mask = drawCoverage(square, { centerX: 3, centerY: 3.5, height: 3, rotation: 0 }, 6);
    const row = [0, 128, 255, 255, 128, 0];
    expect([0, 1, 2, 3, 4, 5].map((y) => Array.from(mask.subarray(6 * y, 6 * y + 6)))).toEqual([
      [0, 0, 0, 0, 0, 0],
      [0, 0, 0, 0, 0, 0],
      row,
      row,
      row,
      [0, 0, 0, 0, 0, 0],
    ]);
    expect(coverageBox(mask, 6)).toEqual({ x: 1, y: 2, width: 4, height: 3 });
  });

  it("turns clockwise as seen", () => {
    const upperRight = box(4, 0, 5, 1);
    const mask = drawCoverage(upperRight, { centerX: 8, centerY: 8, height: 10, rotation: 90 }, 16);
    expect(coverageBox(mask, 16)).toEqual({ x: 11, y: 11, width: 2, height: 2 });
  });

  it("leaves an empty box for a shape outside the image", () => {
    const mask = drawCoverage(sloanLetters.O, { centerX: 100, centerY: 8, height: 10, rotation: 0 }, 16);
    expect(coverageBox(mask, 16)).toEqual({ x: 0, y: 0, width: 0, height: 0 });
  });
});
