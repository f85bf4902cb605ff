import { expect, it } from "vitest";
import { plainPicture, takesPicturesOfAnySize } from "../test-support/pictures.ts";
import { equalsRecorded } from "../test-support/recorded-cases.ts";
import { scaling } from "./scaling.ts";

equalsRecorded(scaling, new URL("./fixtures/", import.meta.url));
takesPicturesOfAnySize(scaling);

it("shrinks areas by the square of its factor, about the centre", () => {
  // a white square of 100 × 100 in the middle of black: no edge is added at the border
  const clean = plainPicture(200, 200, [0, 0, 0]);
  for (let y = 50; y < 150; y++) clean.data.fill(255, 3 * (200 * y + 50), 3 * (200 * y + 150));
  for (const factor of [0.9, 0.8, 1.5]) {
    const made = scaling.apply(clean, factor, undefined);
    const area = made.reduce((sum, byte) => sum + byte, 0) / (3 * 255);
    expect(area / (100 * factor) ** 2).toBeCloseTo(1, 1);
    const turned = made.slice().reverse();
    expect(made.every((byte, i) => Math.abs(byte - turned[i]!) <= 1)).toBe(true);
  }
});
