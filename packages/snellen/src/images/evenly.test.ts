// Even samples. Oracle: places counted by hand, and that gaps differ by at most one.
import { describe, expect, it } from "vitest";
import { evenly } from "./evenly.ts";

describe("evenly", () => {
  it("takes all of few, and places of many that are evenly apart", () => {
    expect(evenly([1, 2, 3], 5)).toEqual([1, 2, 3]);
    expect(evenly([...Array(10).keys()], 4)).toEqual([0, 2, 5, 7]);
  });

  it("leaves out nothing at the end where the count does not divide the length", () => {
    const taken = evenly([...Array(100).keys()], 64);
    expect(taken).toHaveLength(64);
    expect(taken.at(-1)).toBeGreaterThan(97);
    const gaps = taken.slice(1).map((v, i) => v - (taken[i] as number));
    expect(new Set(gaps)).toEqual(new Set([1, 2]));
  });
});
