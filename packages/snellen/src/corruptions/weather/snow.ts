// Snow: a layer of flakes, enlarged noise that falls in streaks, over a picture that is whitened.
// Constants and recipe: ImageNet-C (Hendrycks & Dietterich 2019), with the kernel of the `imagecorruptions` package.
import { defineCorruption, type Pixels } from "../corruption.ts";
import { toByte } from "../parts/bytes.ts";
import { clippedZoom } from "../parts/clipped-zoom.ts";
import { correlate } from "../parts/correlate.ts";
import { motionTaps, type Streak } from "../parts/motion.ts";
import { fieldRows } from "../parts/pixel-rows.ts";
import type { Plane } from "../parts/plane.ts";

export interface SnowLevel {
  /** The noise that flakes are cut out of, in parts of the range. */
  readonly mean: number;
  readonly deviation: number;
  /** Noise below it is no flake. */
  readonly threshold: number;
  /** How much flakes are enlarged. */
  readonly zoom: number;
  readonly streak: Streak;
  /** Share of the picture that is not whitened. */
  readonly kept: number;
}

export interface SnowDraw {
  /** A standard normal number for each pixel. */
  readonly normals: Float32Array;
  /** Where flakes fall to, about -90. */
  readonly degrees: number;
}

export const snow = defineCorruption<SnowLevel, SnowDraw>({
  id: "snow",
  family: "weather",
  imagenetC: "common",
  summary: "lets flakes of snow fall in streaks, and whitens the picture",
  unit: "mean, deviation and threshold of flakes, their zoom, their streaks in pixels, and the share that is not whitened",
  levels: [
    { mean: 0.1, deviation: 0.3, threshold: 0.5, zoom: 3, streak: { radius: 10, sigma: 4 }, kept: 0.8 },
    { mean: 0.2, deviation: 0.3, threshold: 0.5, zoom: 2, streak: { radius: 12, sigma: 4 }, kept: 0.7 },
    { mean: 0.55, deviation: 0.3, threshold: 0.9, zoom: 4, streak: { radius: 12, sigma: 8 }, kept: 0.7 },
    { mean: 0.55, deviation: 0.3, threshold: 0.85, zoom: 4.5, streak: { radius: 12, sigma: 8 }, kept: 0.65 },
    { mean: 0.55, deviation: 0.3, threshold: 0.85, zoom: 2.5, streak: { radius: 12, sigma: 12 }, kept: 0.55 },
  ],
  draw: (random, { width, height }) => ({
    normals: random.normals(width * height),
    degrees: random.uniform(-135, -45),
  }),
  apply(pixels, level, draw) {
    const flakes = flakesOf(pixels, level, draw);
    return whitened(pixels, level.kept, flakes);
  },
});

/** The layer of flakes, a byte a pixel. */
function flakesOf({ width, height }: Pixels, level: SnowLevel, { normals, degrees }: SnowDraw): Uint8Array {
  const { mean, deviation, threshold, zoom, streak } = level;
  const values = new Float32Array(normals.length);
  for (let i = 0; i < values.length; i++) values[i] = mean + deviation * normals[i]!;
  const layer = clippedZoom({ width, height, values }, zoom);
  cutOut(layer, threshold);
  const streaks = new Float32Array(layer.values.length);
  correlate(fieldRows(layer.values, layer, streaks), motionTaps(streak, degrees, layer), "nearest");
  return upperLeft(streaks, layer.width, width, height);
}

/** The part that covers the picture, a byte a pixel, rounded. */
function upperLeft(layer: Float32Array, layerWidth: number, width: number, height: number): Uint8Array {
  const flakes = new Uint8Array(width * height);
  for (let y = 0; y < height; y++)
    for (let x = 0; x < width; x++) flakes[y * width + x] = 255 * layer[y * layerWidth + x]! + 0.5;
  return flakes;
}

/** In place: 0 below the threshold, cut off above 1. */
function cutOut({ values }: Plane, threshold: number): void {
  for (let i = 0; i < values.length; i++) {
    const value = values[i]!;
    values[i] = value < threshold ? 0 : value > 1 ? 1 : value;
  }
}

/** The whitened picture under the flakes, and under the same flakes turned by 180 degrees. */
function whitened({ data }: Pixels, kept: number, flakes: Uint8Array): Uint8Array {
  const out = new Uint8Array(data.length);
  const lost = 1 - kept;
  const last = flakes.length - 1;
  for (let pixel = 0, i = 0; pixel <= last; pixel++, i += 3) {
    const [r, g, b] = [data[i]!, data[i + 1]!, data[i + 2]!];
    const white = 1.5 * (0.299 * r + 0.587 * g + 0.114 * b) + 127.5;
    const flake = flakes[pixel]! + flakes[last - pixel]!;
    out[i] = toByte(kept * r + lost * Math.max(r, white) + flake);
    out[i + 1] = toByte(kept * g + lost * Math.max(g, white) + flake);
    out[i + 2] = toByte(kept * b + lost * Math.max(b, white) + flake);
  }
  return out;
}
