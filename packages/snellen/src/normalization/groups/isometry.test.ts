// The gain nearest to one, and the spread over layers. Oracle: counted by hand.
import { describe, expect, it } from "vitest";
import { nearestIsometry, spreadOf } from "./isometry.ts";

const of = (...gains: (number | null)[]) =>
  nearestIsometry(gains.map((gain, i) => ({ groups: 2 ** i, gain })));

describe("nearestIsometry", () => {
  it("goes by the logarithm: a half is as far as two", () => {
    expect(of(0.4, 2.4, 3)).toBe(2);
    expect(of(0.45, 2.4, 3)).toBe(1);
  });
  it("gives ties, within what is measurable, to fewer groups", () => {
    expect(of(1.004, 1.001, 0.999)).toBe(1);
    expect(of(1.1, 1.001, 0.999)).toBe(2);
  });
  it("passes over what is not known, lets nothing through or is all there is", () => {
    expect(of(null, 3, 0)).toBe(2);
    expect(of(null, 0)).toBeNull();
  });
});

describe("spreadOf", () => {
  it("is the standard deviation, and null where no gradient arrives", () => {
    expect(spreadOf([1, 1, 1])).toBe(0);
    expect(spreadOf([1, 3])).toBe(1);
    expect(spreadOf([null, 3])).toBeNull();
  });
});
