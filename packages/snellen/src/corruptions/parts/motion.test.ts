// Oracle: the definition of the kernel, in double precision, tap by tap and pixel by pixel.
import { describe, expect, it } from "vitest";
import { randomStream } from "../../random.ts";
import { motionBlur, motionTaps } from "./motion.ts";

const streak = { radius: 6, sigma: 4 };

describe("motionTaps", () => {
  it("has the weights of one half of a Gaussian, one pixel after another at 0 degrees", () => {
    const taps = motionTaps(streak, 0, { width: 50, height: 50 });
    const weights = Array.from({ length: 13 }, (_, i) => Math.exp(-(i ** 2) / 32));
    const sum = weights.reduce((a, b) => a + b);
    expect(taps).toHaveLength(13);
    for (const [i, { dx, dy, weight }] of taps.entries()) {
      expect([dx, dy + 0]).toEqual([-i + 0, 0]);
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
    expect(taps.map(({ dy }) => dy + 0)).toEqual([0, -1, -2, -3, -4]);
    expect(taps.reduce((a, { weight }) => a + weight, 0)).toBeLessThan(0.9);
  });
});

it.each([-170, -135, -90, -61.7, -45, 0, 12.5, 45, 90, 133])("sums shifted rows at %f degrees", (degrees) => {
  const [width, height, channels] = [11, 9, 3];
  const pixels = randomStream(1).uniforms(width * height * channels);
  const taps = motionTaps(streak, degrees, { width, height });
  const clamp = (value: number, size: number) => Math.min(size - 1, Math.max(0, value));
  const made: number[] = [];
  const read = (y: number, row: Float64Array, at: number) =>
    row.set(pixels.subarray(y * width * channels, (y + 1) * width * channels), at);
  motionBlur({ width, height, channels, read, write: (_, row) => made.push(...row) }, taps);
  expect(made).toHaveLength(pixels.length);
  for (const [i, value] of made.entries()) {
    const channel = i % channels;
    const x = Math.floor(i / channels) % width;
    const y = Math.floor(i / channels / width);
    const expected = taps.reduce(
      (sum, { dx, dy, weight }) =>
        sum + weight * pixels[(clamp(y - dy, height) * width + clamp(x - dx, width)) * channels + channel]!,
      0,
    );
    expect(value).toBeCloseTo(expected, 10);
  }
});
