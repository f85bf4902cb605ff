// Oracle: hand literals; ties must not favour any part of the picture.
import { describe, expect, it } from "vitest";
import { maskOf, relevanceOrder, subjectOf } from "./subject.ts";

const grid = (...values: number[]) => ({
  values: Float32Array.from(values),
  dims: [1, values.length] as const,
});

describe("subjects", () => {
  it("rectify and divide by the maximum", () => {
    expect([...(maskOf(grid(-2, 0, 1, 4)) ?? [])]).toEqual([0, 0, 0.25, 1]);
  });

  it("do not exist for maps that hold nothing positive", () => {
    const units = { baseline: [0], noise: [0] };
    expect(subjectOf(grid(0, 0), Float32Array.of(1, 1), units, 0)).toBeUndefined();
    expect(subjectOf(grid(-1, -2), Float32Array.of(1, 1), units, 0)).toBeUndefined();
  });

  it("order by signed value", () => {
    expect([...relevanceOrder(Float32Array.of(-1, 5, -3, 2), 0)]).toEqual([1, 3, 0, 2]);
  });

  it("break ties at random, the same for the same seed", () => {
    const flat = new Float32Array(1000);
    const order = relevanceOrder(flat, 3);
    expect(relevanceOrder(flat, 3)).toEqual(order);
    expect(relevanceOrder(flat, 4)).not.toEqual(order);
    const mean = order.subarray(0, 500).reduce((s, i) => s + i, 0) / 500;
    // Of 500 of 1000 places drawn without replacement the mean has a standard deviation of 9.
    expect(Math.abs(mean - 499.5)).toBeLessThan(36);
    expect(new Set(order).size).toBe(1000);
  });
});
