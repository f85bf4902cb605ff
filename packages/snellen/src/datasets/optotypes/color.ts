// Colours and contrast: sRGB bytes, relative luminance (IEC 61966-2-1, ITU-R BT.709) and Michelson contrast.

import type { RandomStream } from "../../random.ts";

/** Red, green and blue as sRGB values in 0 … 1 (gamma-encoded, as in an image file). */
export type Color = readonly [number, number, number];

const linearOfByte = Float32Array.from({ length: 256 }, (_, byte) => decode(byte / 255));

/** Relative luminance (0 … 1) of the pixel whose red byte stands at `offset`. */
export function luminanceAt(rgb: Uint8Array, offset: number): number {
  return (
    0.2126 * linearOfByte[rgb[offset]!]! +
    0.7152 * linearOfByte[rgb[offset + 1]!]! +
    0.0722 * linearOfByte[rgb[offset + 2]!]!
  );
}

/** |a - b| / (a + b) of two luminances: 0 (equal) to 1 (one of them black). */
export function michelsonContrast(a: number, b: number): number {
  return a + b === 0 ? 0 : Math.abs(a - b) / (a + b);
}

/** A colour of random hue and saturation whose relative luminance is `luminance` (0 … 1). */
export function colorOfLuminance(random: RandomStream, luminance: number): Color {
  const linear = [random.uniform(0, 1), random.uniform(0, 1), random.uniform(0, 1)] as const;
  const drawn = 0.2126 * linear[0] + 0.7152 * linear[1] + 0.0722 * linear[2];
  // Scaling towards black, or mixing with white, moves the luminance linearly and stays within the gamut.
  const moved = (channel: number) =>
    drawn > luminance
      ? (channel * luminance) / drawn
      : channel + ((1 - channel) * (luminance - drawn)) / (1 - drawn);
  return [encode(moved(linear[0])), encode(moved(linear[1])), encode(moved(linear[2]))];
}

function decode(value: number): number {
  return value <= 0.04045 ? value / 12.92 : ((value + 0.055) / 1.055) ** 2.4;
}

function encode(value: number): number {
  return value <= 0.0031308 ? value * 12.92 : 1.055 * value ** (1 / 2.4) - 0.055;
}
