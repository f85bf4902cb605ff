// What pages draw of fields. Oracles: geometry by hand, the Gaussian's own formula, counts of made-up values.
import { describe, expect, it } from "vitest";
import { gaussianMap, layerField, offender } from "../exam/test-support/artifacts.ts";
import { brightness, fieldMarks, offenderTable, phaseTable, profilePlot } from "./fields.ts";

describe("fieldMarks", () => {
  it("are ellipses at one and two σ, and the theoretical field of the central cell", () => {
    // cell 0 sees −7 … 7; the central one is centred at row 12, column 16
    expect(fieldMarks(layerField().summary)).toEqual({
      ellipses: [
        { centre: [12, 16], radii: [2, 4.5] },
        { centre: [12, 16], radii: [4, 9] },
      ],
      frames: [{ rows: [5, 19], columns: [9, 23] }],
    });
  });

  it("have no frame where the field holds the image, and no ellipses where no Gaussian fits", () => {
    const field = { size: [25, 33], stride: [4, 4], start: [-12, -16], centre: [0, 0] } as const;
    expect(fieldMarks(layerField({ theoretical: field }).summary).frames).toEqual([]);
    const narrow = { ...field, size: [23, 33] } as const;
    expect(fieldMarks(layerField({ theoretical: narrow }).summary).frames).toHaveLength(1);
    expect(fieldMarks(layerField({ theoretical: null }).summary).frames).toEqual([]);
    expect(fieldMarks(layerField({ converged: false }).summary).ellipses).toEqual([]);
    const rows = { size: [null, 15], stride: [4, 4], start: [null, -7], centre: [0, 0] } as const;
    expect(fieldMarks(layerField({ theoretical: rows }).summary).frames).toEqual([
      { rows: [Number.NEGATIVE_INFINITY, Number.POSITIVE_INFINITY], columns: [9, 23] },
    ]);
  });
});

describe("profilePlot", () => {
  it("shows R falling as the Gaussian that it is", () => {
    const map = gaussianMap([12, 16], 3);
    const sum = map.values.reduce((a, v) => a + v, 0);
    const { summary } = layerField({ sigmaX: 3, sigmaY: 3, amplitude: 1, sum }, map);
    const [own, fitted] = profilePlot(summary).series;
    expect(fitted?.name).toBe("Gaussian of σ 3.0");
    expect(own?.points[0]).toEqual([0, 1]);
    // rings are a pixel wide, and R's sum is the Gaussian's but for the borders
    for (const [i, [radius, value]] of (fitted?.points ?? []).entries()) {
      expect(value).toBeCloseTo(Math.exp((-0.5 * radius ** 2) / 9), 2);
      expect(Math.abs(value - (own?.points[i]?.[1] as number))).toBeLessThan(0.03);
    }
  });

  it("shows R alone where no Gaussian fits, zero too", () => {
    const zero = layerField({ converged: false }, { values: new Float64Array(36), dims: [6, 6], n: 1 });
    const { series } = profilePlot(zero.summary);
    expect(series).toHaveLength(1);
    expect(series[0]?.points.every(([, value]) => value === 0)).toBe(true);
  });
});

describe("brightness", () => {
  it("is not spoilt by few pixels, and keeps proportions below", () => {
    const values = Float64Array.from({ length: 1000 }, (_, i) => (i < 4 ? 1e6 : (i % 100) + 1));
    const found = brightness(values);
    expect([found[0], found[99], found[49]]).toEqual([1, 1, 0.5]);
  });

  it("falls back to the largest value, and to darkness", () => {
    expect([...brightness(Float64Array.of(0, 0, 0, 8)).subarray(2)]).toEqual([0, 1]);
    expect([...brightness(new Float64Array(3))]).toEqual([0, 0, 0]);
  });
});

it("tables say what was measured and what mends it", () => {
  const phases = { stride: [1, 2] as const, means: [[0.5, 1.5]], contrast: 1, weak: [] };
  expect(phaseTable(phases)).toMatchObject({
    columns: [{ title: "row" }, { title: "column 0" }, { title: "column 1" }],
    rows: [["0", 0.5, 1.5]],
  });
  expect(offenderTable([offender({ fixable: "no" }), offender({ fixable: "pooling" })]).rows).toEqual([
    ["conv1", "Conv", "3x3", "2x2", "1 2 / 1 2", "–"],
    ["conv1", "Conv", "3x3", "2x2", "1 2 / 1 2", "its --pooling"],
  ]);
});
