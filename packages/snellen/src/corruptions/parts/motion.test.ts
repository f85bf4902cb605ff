// Oracle: the definition of the kernel.
import { describe, expect, it } from "vitest";
import { motionTaps } from "./motion.ts";

const streak = { radius: 6, sigma: 4 };

describe("motionTaps", () => {
  it("has the weights of one half of a Gaussian, one pixel after another at 0 degrees", () => {
    const taps = motionTaps(streak, 0, { width: 50, height: 50 });
    const weights = Array.from({ length: 13 }, (_, i) => Math.exp(-(i ** 2) / 32));
    const sum = weights.reduce((a, b) => a + b);
    expect(taps).toHaveLength(13);
    for (const [i, { dx, dy, weight }] of taps.entries()) {
      expect([dx + 0, dy + 0]).toEqual([i, 0]);
      expect(weight).toBeCloseTo(weights[i]! / sum, 12);
    }
  });

  it("counts pixels that are met twice once, with both weights", () => {
    const taps = motionTaps(streak, 40, { width: 50, height: 50 });
    expect(taps.length).toBeLessThan(13);
    expect(new Set(taps.map(({ dx, dy }) => `${dx} ${dy}`)).size).toBe(taps.length);
    expect(taps.reduce((a, { weight }) => a + weight, 0)).toBeCloseTo(1, 12);
  });

  it("stops where it would leave the picture", () => {
    const taps = motionTaps(streak, 90, { width: 50, height: 5 });
    expect(taps.map(({ dy }) => dy + 0)).toEqual([0, 1, 2, 3, 4]);
    expect(taps.reduce((a, { weight }) => a + weight, 0)).toBeLessThan(0.9);
  });
});
