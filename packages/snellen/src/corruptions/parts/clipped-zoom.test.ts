// Oracle: SciPy 1.17's `ndimage.zoom` of order 1 on the same window, and closed forms.
import { describe, expect, it } from "vitest";
import { clippedZoom, zoomedAxis } from "./clipped-zoom.ts";

describe("zoomedAxis", () => {
  it.each([
    // size, zoom, window, start, length
    [224, 1.11, 202, 11, 224],
    [160, 1.27, 126, 17, 160],
    [33, 2, 17, 8, 34],
    [33, 4.5, 8, 12, 36],
    [47, 2.5, 19, 14, 48],
    [50, 1, 50, 0, 50],
  ])("of %i samples at %f", (size, zoom, window, start, length) => {
    const axis = zoomedAxis(size, zoom);
    expect([axis.window, axis.start, axis.length]).toEqual([window, start, length]);
    expect(axis.at[0]! + axis.share[0]!).toBe(0);
    expect(axis.at[length - 1]! + axis.share[length - 1]!).toBeCloseTo(window - 1, 10);
  });

  it("has its last output outside where rounding puts it there", () => {
    expect(zoomedAxis(160, 1.27).inside).toBe(159);
    expect(zoomedAxis(160, 2.5).inside).toBe(159);
    expect(zoomedAxis(224, 2.5).inside).toBe(225);
  });
});

it("is the plane itself at 1", () => {
  const plane = { width: 5, height: 4, values: Float32Array.from({ length: 20 }, (_, i) => i ** 2) };
  expect(clippedZoom(plane, 1)).toEqual(plane);
});

it("keeps a slope, with its end points", () => {
  const [width, height] = [9, 8];
  const values = Float32Array.from({ length: 72 }, (_, i) => (i % width) + 10 * Math.floor(i / width));
  const zoomed = clippedZoom({ width, height, values }, 2);
  // windows of 5 from 2 on, and of 4 from 2 on
  expect([zoomed.width, zoomed.height]).toEqual([10, 8]);
  for (const [i, value] of zoomed.values.entries()) {
    const expected = 2 + (4 * (i % 10)) / 9 + 10 * (2 + (3 * Math.floor(i / 10)) / 7);
    expect(value).toBeCloseTo(expected, 4);
  }
});

it("equals SciPy", () => {
  const values = Float32Array.from({ length: 42 }, (_, i) => i ** 2 % 53);
  const zoomed = clippedZoom({ width: 7, height: 6, values }, 1.7);
  // biome-ignore format: one row a line
  const expected = [
    11, 20.7143, 30.7143, 41.5714, 37.8571, 19.5714, 24.8571, 38,
    12, 25.7143, 35.9286, 35.6429, 28.3571, 14.0714, 23.3571, 40.5,
    13, 30.7143, 41.1429, 29.7143, 18.8571, 8.5714, 21.8571, 43,
    10, 31.7143, 46.1429, 38.7143, 31.8571, 25.5714, 31.5, 41.5,
    7, 32.7143, 51.1429, 47.7143, 44.8571, 42.5714, 41.1429, 40,
    26.5, 41.0714, 48.3571, 33.7857, 27.3571, 29.0714, 31.6429, 34.5,
    46, 49.4286, 45.5714, 19.8571, 9.8571, 15.5714, 22.1429, 29,
  ];
  expect([zoomed.width, zoomed.height]).toEqual([8, 7]);
  for (const [i, value] of expected.entries()) expect(zoomed.values[i]).toBeCloseTo(value, 3);
});
