// Oracle: the definition of each draw, and that equal keys give equal draws.
import { describe, expect, it } from "vitest";
import { gaussians, randomStream } from "./random.ts";

const draws = (...key: number[]): number[] => {
  const random = randomStream(...key);
  return Array.from({ length: 50 }, () => random.uniform(-2, 3));
};

it("gives the same draws for a key, and others for another", () => {
  expect(draws(7, 1)).toEqual(draws(7, 1));
  for (const other of [[7, 2], [8, 1], [1, 7], [7]]) expect(draws(...other)).not.toEqual(draws(7, 1));
});

it("stays within its bounds", () => {
  const random = randomStream(3);
  expect(draws(3).every((v) => v >= -2 && v < 3)).toBe(true);
  expect(new Set(Array.from({ length: 200 }, () => random.integer(4, 6)))).toEqual(new Set([4, 5, 6]));
  expect(["a", "b"]).toContain(random.pick(["a", "b"]));
  const pair = new Float32Array(2);
  for (let i = 0; i < 100; i++) {
    random.trianglePair(pair);
    expect(pair.every((v) => Math.abs(v) <= 1)).toBe(true);
  }
});

it("orders 0 … n − 1 anew", () => {
  const order = randomStream(5).permutation(40);
  expect(order).not.toEqual([...order.keys()]);
  expect(order.toSorted((a, b) => a - b)).toEqual([...order.keys()]);
});

describe("gaussians", () => {
  it("are normal: mean, variance and fourth moment within five standard errors", () => {
    const n = 100_001;
    const values = gaussians(n, 7);
    const moment = (power: number) => values.reduce((sum, z) => sum + z ** power, 0) / n;
    expect(values).toHaveLength(n);
    expect(Math.abs(moment(1))).toBeLessThan(5 / Math.sqrt(n));
    expect(Math.abs(moment(2) - 1)).toBeLessThan(5 * Math.sqrt(2 / n));
    expect(Math.abs(moment(4) - 3)).toBeLessThan(5 * Math.sqrt(96 / n));
    expect(gaussians(4, 7)).toEqual(values.slice(0, 4));
  });
});
