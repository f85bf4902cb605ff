// Dead pixel indices. Oracles: sums by hand, closed forms of checkerboards and slopes, and how scaling and transposing act.
import { UsageError } from "@snellen/graph";
import { describe, expect, it } from "vitest";
import { bump, fieldOf, transposed } from "../size/test-support/made-fields.ts";
import { deadPixelIndices } from "./dead-pixel-indices.ts";

describe("deadPixelIndices", () => {
  it("are the published sums: 3x3, by hand", () => {
    const { l1, l2, l1Normalized, l2Normalized } = deadPixelIndices({
      values: Float64Array.of(0, 1, 3, 2, 2, 5, 0, 5, 0),
      dims: [3, 3],
    });
    // rows 0 1 3, 2 2 5, 0 5 0, then columns 0 2 0, 1 2 5, 3 5 0
    const first = 1 + 2 + (0 + 3) + (5 + 5) + (2 + 2) + (1 + 3) + (2 + 5);
    const second = 1 + 3 + 10 + 4 + 2 + 7;
    expect(l1).toBeCloseTo(first / (3 * 2 * 2), 12);
    expect(l2).toBeCloseTo(second / (3 * 1 * 2), 12);
    expect(l1Normalized).toBeCloseTo(l1 / 2, 12);
    expect(l2Normalized).toBeCloseTo(l2 / 2, 12);
  });

  it("of a checkerboard of a and b: |a − b| and 2·|a − b|, also where H ≠ W", () => {
    const { l1, l2 } = deadPixelIndices(fieldOf(7, 12, (x, y) => ((x + y) % 2 === 0 ? 3 : 0.5)));
    expect(l1).toBeCloseTo(2.5, 12);
    expect(l2).toBeCloseTo(5, 12);
  });

  it("of a slope: its steepness, the mean of both axes, and no second differences", () => {
    const { l1, l2 } = deadPixelIndices(fieldOf(6, 9, (x, y) => 2 * x + 4 * y));
    expect(l1).toBeCloseTo(3, 12);
    expect(l2).toBeCloseTo(0, 12);
  });

  it("scaling R scales the raw indices and leaves the normalized; transposing changes nothing", () => {
    const field = fieldOf(20, 31, (x, y) => bump(14, 9, 5, 6)(x, y) * (x % 2 === 0 ? 1 : 0.4));
    const plain = deadPixelIndices(field);
    const scaled = deadPixelIndices({ ...field, values: field.values.map((v) => 1000 * v) });
    expect(scaled.l1 / plain.l1).toBeCloseTo(1000, 9);
    expect(scaled.l2 / plain.l2).toBeCloseTo(1000, 9);
    expect(scaled.l1Normalized).toBeCloseTo(plain.l1Normalized as number, 12);
    const other = deadPixelIndices(transposed(field));
    expect([other.l1, other.l2]).toEqual([expect.closeTo(plain.l1, 12), expect.closeTo(plain.l2, 12)]);
  });

  it("are not normalized by nothing, and refuse two rows", () => {
    expect(deadPixelIndices(fieldOf(4, 4, () => 0))).toEqual({
      l1: 0,
      l2: 0,
      l1Normalized: undefined,
      l2Normalized: undefined,
    });
    expect(() => deadPixelIndices(fieldOf(2, 8, () => 1))).toThrow(UsageError);
  });
});
