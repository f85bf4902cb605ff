import { expect, it } from "vitest";
import { expectSameBytes, takesPicturesOfAnySize } from "../test-support/pictures.ts";
import { equalsRecorded } from "../test-support/recorded-cases.ts";
import { gamma } from "./gamma.ts";

equalsRecorded(gamma, new URL("./fixtures/", import.meta.url));
takesPicturesOfAnySize(gamma);

it("keeps black and white", () => {
  const ends = { width: 2, height: 1, data: Uint8Array.of(0, 0, 0, 255, 255, 255) };
  for (const level of [0.2, ...gamma.levels]) expectSameBytes(gamma.apply(ends, level, undefined), ends.data);
});

// torchvision 0.29.2: adjust_gamma of a Pillow picture, which truncates 255.999 times the power
it.each([
  [2, [0, 1, 15, 62, 90, 157, 253]],
  [0.5, [16, 64, 126, 179, 197, 226, 255]],
])("is within 1 of torchvision's at %f", (exponent, expected) => {
  const bytes = [1, 16, 62, 126, 152, 200, 254];
  const clean = { width: 7, height: 1, data: Uint8Array.from(bytes.flatMap((v) => [v, v, v])) };
  const made = gamma.apply(clean, exponent, undefined);
  for (const [i, value] of expected.entries()) expect(Math.abs(made[3 * i]! - value)).toBeLessThanOrEqual(1);
});
