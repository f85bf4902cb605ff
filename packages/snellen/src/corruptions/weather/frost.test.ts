// Oracle: pictures of the `imagecorruptions` package, given its crops of photographs. Its statistics are those of the photographs,
// so that ours cannot match them: crystals are drawn here.
import { UsageError } from "@snellen/graph";
import { describe, expect, it } from "vitest";
import { randomStream } from "../../random.ts";
import { corruptPixels } from "../corrupt.ts";
import type { Pixels } from "../corruption.ts";
import { equalsReference } from "../test-support/reference.ts";
import { frost, frostFrom } from "./frost.ts";

equalsReference(frost, ({ picture }) => picture("texture_crop"));

const blank = (width: number, height: number, value = 0): Pixels => ({
  width,
  height,
  data: new Uint8Array(width * height * 3).fill(value),
});

describe("frost of crystals", () => {
  it.each([
    [32, 32],
    [33, 47],
    [32, 300],
    [900, 60],
  ])("covers %i × %i, the same twice", (width, height) => {
    const picture = blank(width, height, 10);
    for (const level of frost.levels) {
      const out = corruptPixels(picture, frost, level, [1]);
      expect(out).toHaveLength(picture.data.length);
      expect(Buffer.compare(out, corruptPixels(picture, frost, level, [1]))).toBe(0);
      expect(out.reduce((a, b) => a + b) / out.length).toBeGreaterThan(20);
    }
  });

  it("draws other crops for other seeds", () => {
    const crops = [1, 2, 3, 4].map((seed) => corruptPixels(blank(40, 40), frost, frost.levels[4], [seed]));
    expect(new Set(crops.map((crop) => crop.join())).size).toBe(4);
  });
});

describe("frostFrom", () => {
  /** Red counts columns, green rows, both five a pixel; blue tells the texture. */
  const texture = (width: number, height: number, blue: number): Pixels => ({
    width,
    height,
    data: Uint8Array.from({ length: width * height * 3 }, (_, i) => {
      const pixel = Math.floor(i / 3);
      return [5 * (pixel % width), 5 * Math.floor(pixel / width), blue][i % 3]!;
    }),
  });

  it("is frost, of the pictures that are given, each as likely", () => {
    const { draw, id } = frostFrom([texture(40, 40, 10), texture(50, 45, 20), texture(20, 20, 30)]);
    expect(id).toBe("frost");
    const blues = Array.from(
      { length: 300 },
      (_, seed) => draw!(randomStream(seed), blank(32, 32), frost.levels[0]).data[2]!,
    );
    expect(new Set(blues)).toEqual(new Set([10, 20, 30]));
    // five standard deviations of 300 draws
    for (const blue of [10, 20, 30])
      expect(Math.abs(blues.filter((value) => value === blue).length - 100)).toBeLessThan(41);
  });

  it("enlarges by a tenth what covers the picture, and cuts anywhere but at the far end", () => {
    const { draw } = frostFrom([texture(40, 44, 0)]);
    const crops = Array.from({ length: 200 }, (_, seed) =>
      draw!(randomStream(seed), blank(32, 32), frost.levels[0]),
    );
    // 44 × 49: rows from 0 to 16, columns from 0 to 11; five levels a pixel, 1.1 pixels for one
    const starts = (channel: number) =>
      crops.map(({ data }) => Math.round((data[channel + 33 * 48]! / 5 + 0.5) * 1.1 - 0.5 - 16));
    const rises = crops.map(({ data }) => (data[3 * 20]! - data[3 * 9]!) / 11);
    expect(Math.max(...rises)).toBeLessThan(5);
    expect(Math.min(...rises)).toBeGreaterThan(4);
    expect(new Set(starts(0)).size).toBe(12);
    expect(new Set(starts(1)).size).toBe(17);
  });

  it("enlarges what is too small until it covers the picture", () => {
    const { draw } = frostFrom([texture(20, 40, 0)]);
    const { data } = draw!(randomStream(1), blank(64, 32), frost.levels[0]);
    expect(data).toHaveLength(64 * 32 * 3);
    // 5 grey levels a pixel over 64 / 20 · 1.1, away from the borders
    expect((data[3 * 52]! - data[3 * 12]!) / 40).toBeCloseTo(5 / (3.2 * 1.1), 1);
  });

  it("refuses no pictures", () => expect(() => frostFrom([])).toThrow(UsageError));
});
