// Phase maps. Oracles: combs whose phases are known, a matrix by hand.
import { describe, expect, it } from "vitest";
import { bump, fieldOf, transposed } from "../size/test-support/made-fields.ts";
import { phaseMap } from "./phase-map.ts";

describe("phaseMap", () => {
  it("is the mean by position, also where the stride does not divide the image: 3x5 by 2, by hand", () => {
    // rows 0 and 2: columns 0, 2, 4 are phase 0
    const field = fieldOf(3, 5, (x, y) => x + 5 * y);
    expect(phaseMap(field, 2)).toEqual({
      stride: [2, 2],
      means: [
        [1, 1],
        [1, 1],
      ],
      contrast: 0,
      weak: [],
    });
    const steep = fieldOf(3, 4, (x) => x);
    // columns 0 and 2 have mean 1, columns 1 and 3 mean 2, all 1.5
    expect(phaseMap(steep, [1, 2])?.means).toEqual([[1 / 1.5, 2 / 1.5]]);
  });

  it("finds the weak phases of a comb, with a stride of its own along each axis", () => {
    const field = fieldOf(30, 28, (x, y) => (y % 3 === 1 && x % 4 === 2 ? 0.1 : 1));
    const map = phaseMap(field, [3, 4]);
    const mean = (11 + 0.1) / 12;
    expect(map?.weak).toEqual([[1, 2]]);
    expect(map?.means[1]?.[2]).toBeCloseTo(0.1 / mean, 12);
    expect(map?.means[0]?.[0]).toBeCloseTo(1 / mean, 12);
    expect(map?.contrast).toBeCloseTo(0.9 / mean, 12);
    const turned = phaseMap(transposed(field), [4, 3]);
    expect(turned?.weak).toEqual([[2, 1]]);
  });

  it("finds the three dead phases of a 1x1 kernel with stride 2", () => {
    const field = fieldOf(16, 16, (x, y) => (x % 2 === 0 && y % 2 === 0 ? 1 : 0));
    expect(phaseMap(field, 2)).toMatchObject({
      contrast: 4,
      weak: [
        [0, 1],
        [1, 0],
        [1, 1],
      ],
    });
  });

  it("is even for a smooth field, and does not depend on its scale", () => {
    const smooth = fieldOf(64, 64, (x, y) => 1e-9 * bump(31, 32, 5, 6)(x, y));
    const map = phaseMap(smooth, 4);
    expect(map?.contrast).toBeLessThan(1e-5);
    expect(map?.weak).toEqual([]);
  });

  it("has nothing to say of zeros, and refuses strides that are no strides", () => {
    expect(
      phaseMap(
        fieldOf(4, 4, () => 0),
        2,
      ),
    ).toBeUndefined();
    for (const stride of [0, 1.5, 5, [2, 9] as const])
      expect(() =>
        phaseMap(
          fieldOf(4, 8, () => 1),
          stride,
        ),
      ).toThrow(expect.objectContaining({ code: "bad-stride" }));
  });
});
