// Oracle: the definition, in double precision, tap by tap and pixel by pixel.
import { expect, it } from "vitest";
import { randomStream } from "../../random.ts";
import { type Border, borderIndex } from "./borders.ts";
import { correlate, type Tap } from "./correlate.ts";
import { motionTaps } from "./motion.ts";
import { fieldRows, pixelRows } from "./pixel-rows.ts";

const [width, height] = [37, 9];

const sumAt = (
  values: ArrayLike<number>,
  channels: number,
  taps: readonly Tap[],
  border: Border,
  i: number,
) => {
  const channel = i % channels;
  const x = Math.floor(i / channels) % width;
  const y = Math.floor(i / channels / width);
  return taps.reduce((sum, { dx, dy, weight }) => {
    const row = borderIndex(border, y + dy, height);
    return sum + weight * values[(row * width + borderIndex(border, x + dx, width)) * channels + channel]!;
  }, 0);
};

it.each([-170, -135, -90, -61.7, -45, 0, 12.5, 45, 90, 133])(
  "sums along a streak of %f degrees",
  (degrees) => {
    const values = randomStream(1).uniforms(width * height);
    const taps = motionTaps({ radius: 6, sigma: 4 }, degrees, { width, height });
    const out = new Float32Array(values.length);
    correlate(fieldRows(values, { width, height }, out), taps, "nearest");
    for (const [i, value] of out.entries())
      expect(value).toBeCloseTo(sumAt(values, 1, taps, "nearest", i), 5);
  },
);

it.each(["nearest", "reflect", "reflect101"] as const)("sums around pixels, the border by %s", (border) => {
  const random = randomStream(2);
  const data = Uint8Array.from({ length: 3 * width * height }, () => random.integer(0, 255));
  const taps = Array.from({ length: 49 }, (_, i) => ({
    dx: (i % 7) - 3,
    dy: Math.floor(i / 7) - 3,
    weight: random.uniform(0, 1 / 24),
  }));
  const out = new Uint8Array(data.length);
  correlate(pixelRows({ width, height, data }, out), taps, border);
  for (const [i, value] of out.entries()) {
    const sum = Math.min(255, sumAt(data, 3, taps, border, i));
    expect(value).toBeGreaterThanOrEqual(Math.floor(sum - 1e-3));
    expect(value).toBeLessThanOrEqual(Math.floor(sum + 2e-3));
  }
});
