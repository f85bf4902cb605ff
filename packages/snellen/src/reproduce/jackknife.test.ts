// Oracle: of a mean, the jackknife's standard error is s/√n exactly (Tukey 1958); Student's t from SciPy 1.17.
import { describe, expect, it } from "vitest";
import { jackknife, MOST_PARTS } from "./jackknife.ts";

const VALUES = [3, 1, 4, 1, 5, 9, 2, 6, 5, 3];
const meanWithout = (values: readonly number[]) => (without: number | undefined) => {
  const kept = values.filter((_, i) => i !== without);
  return kept.reduce((sum, v) => sum + v, 0) / kept.length;
};

describe("jackknife", () => {
  it.each([
    [2, 12.706],
    [3, 4.303],
    [6, 2.571],
    [10, 2.262],
  ])("of a mean over %i parts is mean ± %f · s/√n", (parts, student) => {
    const values = VALUES.slice(0, parts);
    const mean = values.reduce((sum, v) => sum + v, 0) / parts;
    const deviation = Math.sqrt(values.reduce((sum, v) => sum + (v - mean) ** 2, 0) / (parts - 1));
    const half = (student * deviation) / Math.sqrt(parts);
    const { value, interval } = jackknife(parts, meanWithout(values)) ?? {};
    expect(value).toBeCloseTo(mean, 12);
    expect(interval?.[0]).toBeCloseTo(mean - half, 10);
    expect(interval?.[1]).toBeCloseTo(mean + half, 10);
  });

  it("gives no interval where a part left out leaves no value, or there is one part, and nothing where all give none", () => {
    expect(jackknife(3, (without) => (without === 1 ? undefined : 7))).toEqual({ value: 7, interval: null });
    expect(jackknife(1, () => 7)).toEqual({ value: 7, interval: null });
    expect(jackknife(3, (without) => (without === undefined ? undefined : 7))).toBeUndefined();
    expect(() => jackknife(MOST_PARTS + 1, () => 7)).toThrow("11 parts, where 10 are the most");
  });
});
