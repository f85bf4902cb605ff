// Oracle: words and numbers by hand.
import { describe, expect, it } from "vitest";
import { createCanvas } from "./canvas.ts";
import { overlay } from "./overlay.ts";
import { scale } from "./scale.ts";
import { type SheetMap, sheetCell } from "./sheet-cell.ts";

const picture = createCanvas(8, 8, [200, 100, 50]);
const grid = (value: number, side: number) => ({
  values: new Float32Array(side * side).fill(value),
  dims: [side, side] as const,
});

const made = (more: Partial<SheetMap> = {}): SheetMap => ({
  map: grid(0.125, 8),
  cells: grid(2, 2),
  unit: "score",
  score: 8,
  conservative: true,
  className: "tench",
  classIndex: 3,
  sum: 8.1234567,
  conservationError: 0.0154,
  warnings: [],
  ...more,
});

describe("sheetCell", () => {
  it("says class, score, sum, how far off, and the scale", () => {
    const { lines, note, picture: drawn } = sheetCell(picture, made());
    expect(lines).toEqual([
      "tench",
      "score 8.000 · sum 8.123 · 1.5 % off",
      "full colour = 1.6 % of the score per pixel, lifted 4 times",
    ]);
    expect(note).toBeUndefined();
    expect([drawn.width, drawn.height]).toEqual([224, 224]);
  });

  it.each([
    [{ conservationError: 3e-7 }, "score 8.000 · sum 8.123 · exact"],
    [{ score: 0, conservationError: Number.POSITIVE_INFINITY }, "score 0 · sum 8.123"],
    [{ unit: "own" }, "score 8.000 · own scale"],
    [{ score: -1234567, sum: -2e-7, conservationError: 1 }, "score −1.235e6 · sum −2.000e−7 · 100 % off"],
  ] as const)("numbers of %o", (more, line) => {
    expect(sheetCell(picture, made(more)).lines[1]).toBe(line);
  });

  it("names classes without names by number, and takes another label", () => {
    expect(sheetCell(picture, made({ className: undefined })).lines[0]).toBe("class 3");
    expect(sheetCell(picture, made(), { label: "tench vs carp" }).lines[0]).toBe("tench vs carp");
  });

  it("notes warnings first, then a map that misses the score", () => {
    const empty = { map: grid(0.001, 8) };
    expect(sheetCell(picture, made({ ...empty, warnings: ["dead"] })).note).toBe("dead");
    expect(sheetCell(picture, made(empty)).note).toMatch(/^nothing reaches 10 % of the usual full colour/);
  });

  it("draws what overlay draws, at the cell's size, on grey", () => {
    const max = scale("max");
    const { picture: drawn } = sheetCell(picture, made(), { scale: max, size: 8, contour: [0.5] });
    expect(drawn).toEqual(overlay(picture, grid(0.125, 8), { grey: true, contour: [0.5] }));
    const colored = sheetCell(picture, made(), { scale: max, size: 8, grey: false });
    expect(colored.picture).toEqual(overlay(picture, grid(0.125, 8)));
  });
});
