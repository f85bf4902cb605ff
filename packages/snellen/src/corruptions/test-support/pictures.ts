// Pictures for tests, and the properties that every corruption has on pictures of whatever size.
import { describe, expect, it } from "vitest";
import { randomStream } from "../../random.ts";
import { corruptPixels } from "../corrupt.ts";
import { type Corruption, type Pixels, severities } from "../corruption.ts";

/** Noise that leaves both ends of the range unused. */
export const noisePicture = (width: number, height: number, seed = 1): Pixels => ({
  width,
  height,
  data: Uint8Array.from(randomStream(seed).uniforms(3 * width * height), (u) => 20 + 215 * u),
});

/** One colour everywhere. */
export const plainPicture = (width: number, height: number, colour: readonly number[]): Pixels => ({
  width,
  height,
  data: Uint8Array.from({ length: 3 * width * height }, (_, i) => colour[i % 3]!),
});

/** Vitest's own comparison of arrays takes seconds for a large picture. */
export function expectSameBytes(made: Uint8Array, expected: Uint8Array, what = "bytes"): void {
  expect(made.length, `length of ${what}`).toBe(expected.length);
  const first = made.findIndex((byte, i) => byte !== expected[i]);
  expect(
    first === -1 ? "none" : `${made[first]}, not ${expected[first]}, at ${first}`,
    `${what} differ`,
  ).toBe("none");
}

const SIZES = [
  [32, 32],
  [33, 47],
  [32, 300],
  [301, 32],
] as const;

/** Small and narrow pictures, even and odd ones: each is changed, keeps its size, and is the same again for the same seed. */
export function takesPicturesOfAnySize<Level, Draw>(corruption: Corruption<Level, Draw>): void {
  describe(`${corruption.id} takes pictures of any size`, () => {
    it.each(SIZES)("%i × %i", (width, height) => {
      const clean = noisePicture(width, height);
      const before = clean.data.slice();
      for (const severity of severities) {
        const level = corruption.levels[severity - 1]!;
        const made = corruptPixels(clean, corruption, level, [7, severity]);
        expect(made.length).toBe(before.length);
        expect(Buffer.compare(made, before), `severity ${severity} changes the picture`).not.toBe(0);
        expectSameBytes(made, corruptPixels(clean, corruption, level, [7, severity]), "seeded again");
      }
      expectSameBytes(clean.data, before, "the picture that was given");
    });
  });
}
