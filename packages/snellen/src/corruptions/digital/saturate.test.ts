import { expect, it } from "vitest";
import { plainPicture, takesPicturesOfAnySize } from "../test-support/pictures.ts";
import { equalsReference } from "../test-support/reference.ts";
import { saturate } from "./saturate.ts";

equalsReference(saturate);
takesPicturesOfAnySize(saturate);

const first = (colour: readonly number[], severity: number) => [
  ...saturate.apply(plainPicture(32, 32, colour), saturate.levels[severity - 1]!, undefined).subarray(0, 3),
];

it("tints grey where there is an offset, for its hue is red, and leaves black", () => {
  expect(first([200, 200, 200], 3)).toEqual([200, 200, 200]);
  expect(first([200, 200, 200], 4)).toEqual([200, 180, 180]);
  expect(first([200, 200, 200], 5)).toEqual([200, 160, 160]);
  expect(first([0, 0, 0], 5)).toEqual([0, 0, 0]);
});

it("pales colours at the first two severities", () => {
  // saturation 0.5 becomes 0.15
  const [red, green] = first([200, 100, 100], 1) as [number, number];
  expect(red).toBe(200);
  expect(Math.abs(green - 170)).toBeLessThanOrEqual(1);
});
