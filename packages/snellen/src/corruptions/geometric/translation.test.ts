import { expect, it } from "vitest";
import { randomStream } from "../../random.ts";
import { noisePicture, takesPicturesOfAnySize } from "../test-support/pictures.ts";
import { equalsRecorded } from "../test-support/recorded-cases.ts";
import { translation } from "./translation.ts";

equalsRecorded(translation, new URL("./fixtures/", import.meta.url));
takesPicturesOfAnySize(translation);

it("moves the picture by its share of the sides and mirrors the rest", () => {
  const clean = noisePicture(40, 40);
  const pixel = (data: Uint8Array, x: number, y: number) => [
    ...data.subarray(3 * (40 * y + x), 3 * (40 * y + x) + 3),
  ];
  const right = translation.apply(clean, 0.1, 0);
  const down = translation.apply(clean, 0.1, Math.PI / 2);
  expect(pixel(right, 14, 20)).toEqual(pixel(clean.data, 10, 20));
  expect(pixel(right, 3, 20)).toEqual(pixel(clean.data, 0, 20));
  expect(pixel(right, 0, 20)).toEqual(pixel(clean.data, 3, 20));
  expect(pixel(down, 14, 20)).toEqual(pixel(clean.data, 14, 16));
});

it("draws every direction equally often", () => {
  const clean = noisePicture(32, 32);
  const counts = [0, 0, 0, 0];
  for (let seed = 0; seed < 1000; seed++)
    counts[Math.floor(translation.draw!(randomStream(seed), clean, 0.1) / (Math.PI / 2))]!++;
  // five standard deviations of a quarter
  for (const count of counts) expect(Math.abs(count - 250)).toBeLessThan(70);
});
