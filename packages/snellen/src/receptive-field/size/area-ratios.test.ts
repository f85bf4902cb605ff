// High-contribution areas. Oracles: NumPy, recorded (tools/reference/field_fits.py); windows counted by hand.
import { describe, expect, it } from "vitest";
import { areaRatios, logPicture } from "./area-ratios.ts";
import { fieldOf, recorded } from "./test-support/made-fields.ts";

describe("areaRatios", () => {
  it.each(recorded.small)("are NumPy's: $name", ({ dims, values, areas, logAreas }) => {
    const rows = (of: Float64Array) =>
      areaRatios(of, dims).map(({ threshold, side, ratio }) => [threshold, side, ratio]);
    expect(rows(Float64Array.from(values))).toEqual(areas);
    expect(rows(logPicture(Float64Array.from(values)))).toEqual(logAreas);
  });

  it("counts a flat picture by hand: 25 of 100 pixels are more than 0.2, and the border row is never inside", () => {
    const { values, dims } = fieldOf(10, 10, () => 2);
    expect(areaRatios(values, dims, [0.2, 0.25, 0.81])).toEqual([
      { threshold: 0.2, side: 5, ratio: 0.25 },
      { threshold: 0.25, side: 7, ratio: 0.49 },
      { threshold: 0.81, side: null, ratio: null },
    ]);
  });

  it("clips windows at the border of an oblong: all 4 rows and 9 of 12 columns", () => {
    const { values, dims } = fieldOf(4, 12, () => 1);
    expect(areaRatios(values, dims, [0.7])).toEqual([{ threshold: 0.7, side: 9, ratio: 36 / 48 }]);
  });

  it("has no window for a field of zeros, and none around a centre that is empty", () => {
    const empty = [{ threshold: 0.2, side: null, ratio: null }];
    expect(areaRatios(new Float64Array(64), [8, 8], [0.2])).toEqual(empty);
    expect(areaRatios(fieldOf(8, 8, (x, y) => (x + y === 0 ? 1 : 0)).values, [8, 8], [0.2])).toEqual(empty);
  });
});

describe("logPicture", () => {
  it("is log10(x + 1) up to its maximum", () => {
    expect([...logPicture(Float64Array.of(0, 9, 99))]).toEqual([0, 0.5, 1]);
    expect([...logPicture(Float64Array.of(0, 0))]).toEqual([0, 0]);
  });
});
