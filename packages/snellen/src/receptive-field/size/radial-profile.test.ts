// Radial profiles. Oracles: rings counted by hand; for a Gaussian, the closed form 1 − exp(−r²/2σ²) of the mass within r.
import { describe, expect, it } from "vitest";
import { radialProfile } from "./radial-profile.ts";
import { bump, fieldOf } from "./test-support/made-fields.ts";

describe("radialProfile", () => {
  it("averages rings: in 3x3, one pixel in the middle and eight around it", () => {
    const field = fieldOf(3, 3, (x, y) => (x === 1 && y === 1 ? 5 : x + 3 * y));
    const { centre, rings } = radialProfile(field);
    expect(centre).toEqual([1, 1]);
    expect(rings).toEqual([
      { radius: 0, pixels: 1, mean: 5 },
      { radius: 1, pixels: 8, mean: 4 },
    ]);
  });

  it("holds and is within as for a Gaussian", () => {
    const sigma = 12;
    const field = fieldOf(161, 161, bump(80, 80, sigma, sigma));
    const shares = [0.5, 0.9, 0.95, 0.99];
    const { holding, within, rings } = radialProfile(field, { radii: [6, 12, 30] });
    // pixels are whole: a disc of them is about half a pixel rough at its edge
    for (const [i, { share, radius }] of holding.entries()) {
      expect(share).toBe(shares[i]);
      expect(Math.abs((radius as number) - sigma * Math.sqrt(-2 * Math.log(1 - share)))).toBeLessThan(0.5);
    }
    for (const { radius, share } of within)
      expect(Math.abs((share as number) - (1 - Math.exp(-(radius ** 2) / (2 * sigma ** 2))))).toBeLessThan(
        0.01,
      );
    expect(rings[24]?.mean).toBeCloseTo(Math.exp(-2), 2);
  });

  it("takes its centre from the caller, and counts only pixels of the image", () => {
    const field = fieldOf(4, 6, (x, y) => (x === 5 && y === 0 ? 1 : 0));
    const { rings, holding, within } = radialProfile(field, { centre: [0, 5], shares: [1], radii: [0] });
    expect(rings.reduce((sum, ring) => sum + ring.pixels, 0)).toBe(24);
    expect(rings[0]).toEqual({ radius: 0, pixels: 1, mean: 1 });
    expect(holding).toEqual([{ share: 1, radius: 0 }]);
    expect(within).toEqual([{ radius: 0, share: 1 }]);
    const outside = radialProfile(field, { centre: [-10, 5] });
    expect(outside.rings[0]?.radius).toBe(10);
  });

  it("has no shares of nothing", () => {
    const { holding, within } = radialProfile(
      fieldOf(5, 5, () => 0),
      { shares: [0.5], radii: [2] },
    );
    expect([holding[0]?.radius, within[0]?.share]).toEqual([null, null]);
  });
});
