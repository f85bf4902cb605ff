// Oracles: the published palette, blending by hand.
import { InternalError, UsageError } from "@snellen/graph";
import { describe, expect, it } from "vitest";
import { createCanvas } from "./canvas.ts";
import { conceptColor, conceptPicture, MOST_CONCEPTS } from "./concept-picture.ts";
import type { Picture } from "./overlay.ts";

const row = (...values: number[]) => ({
  values: Float32Array.from(values),
  dims: [1, values.length] as const,
});
const pixel = ({ width, data }: Picture, x: number, y: number) => [
  ...data.subarray(3 * (y * width + x), 3 * (y * width + x) + 3),
];

describe("conceptPicture", () => {
  it("has Okabe and Ito's colours, then paler ones", () => {
    const hex = (i: number) =>
      conceptColor(i)
        .map((c) => c.toString(16).padStart(2, "0"))
        .join("");
    expect(Array.from({ length: 8 }, (_, i) => hex(i))).toEqual(
      "e69f00 56b4e9 009e73 f0e442 0072b2 d55e00 cc79a7 000000".split(" "),
    );
    const all = Array.from({ length: MOST_CONCEPTS }, (_, i) => hex(i));
    expect(new Set(all).size).toBe(MOST_CONCEPTS);
  });

  it("paints the strongest concept, as opaque as it is strong", () => {
    const out = conceptPicture(
      createCanvas(4, 1, [255, 0, 0]),
      [row(2, 0.5, 0, -1), row(1, 1, 0, Number.NaN)],
      ["a", "b"],
      { opacity: 0.8 },
    );
    const mixed = (index: number, share: number) =>
      conceptColor(index).map((c) => Math.round((1 - share) * 76 + share * c));
    expect([0, 1, 2, 3].map((x) => pixel(out, x, 0))).toEqual([
      mixed(0, 0.8),
      mixed(1, 0.4),
      [76, 76, 76],
      [76, 76, 76],
    ]);
  });

  it("puts a legend below, a line a concept, as wide as can be read", () => {
    const picture = createCanvas(64, 64);
    const map = { values: new Float32Array(64 * 64).fill(1), dims: [64, 64] as const };
    const height = (n: number) =>
      conceptPicture(picture, Array(n).fill(map), Array(n).fill("beak")).height - 64 - 6;
    expect(height(3)).toBe(3 * height(1));
    const out = conceptPicture(picture, [map], ["beak".repeat(5000)]);
    expect(out.width).toBe(200);
    expect(out.height).toBeLessThan(120);
    expect(pixel(out, 6, 64 + 12)).toEqual([...conceptColor(0)]);
  });

  it("marks where a concept is strongest", () => {
    const picture = createCanvas(100, 100);
    const values = new Float32Array(100 * 100).fill(0.001);
    values[70 * 100 + 60] = 1;
    const out = conceptPicture(picture, [{ values, dims: [100, 100] as const }], ["beak"]);
    const box = Array.from({ length: 100 }, (_, x) => pixel(out, x, 70)).flatMap(([r], x) =>
      r === 0 ? [x] : [],
    );
    // the frame of the mark, left and right of the peak
    expect(Math.min(...box)).toBeLessThan(60);
    expect(Math.max(...box)).toBeGreaterThan(60);
    expect(Math.max(...box) - Math.min(...box)).toBeLessThan(24);
  });

  it("shows the picture where no concept is", () => {
    const out = conceptPicture(createCanvas(2, 1, [50, 50, 50]), [row(0, 0)], ["a"]);
    expect(pixel(out, 1, 0)).toEqual([50, 50, 50]);
    expect(conceptPicture(createCanvas(200, 1), [], []).height).toBe(1 + 6);
  });

  it("refuses more concepts than colours, and maps of another size", () => {
    const many = () => conceptPicture(createCanvas(1, 1), Array(17).fill(row(1)), Array(17).fill("a"));
    expect(many).toThrow(UsageError);
    expect(many).toThrow("17 concepts cannot be told apart by colour. Ask for 16 at most.");
    expect(() => conceptPicture(createCanvas(2, 2), [row(1)], ["a"])).toThrow(InternalError);
  });
});
