import { expect, it } from "vitest";
import { plainPicture, takesPicturesOfAnySize } from "../test-support/pictures.ts";
import { equalsReference } from "../test-support/reference.ts";
import { brightness } from "./brightness.ts";

equalsReference(brightness);
takesPicturesOfAnySize(brightness);

it("makes black grey, and dark colours vivid", () => {
  const first = (colour: readonly number[]) => [
    ...brightness.apply(plainPicture(32, 32, colour), 0.5, undefined).subarray(0, 3),
  ];
  expect(first([0, 0, 0])).toEqual([127, 127, 127]);
  // the value rises from 10 to 137.5, hue and saturation stay
  expect(first([10, 0, 5])).toEqual([137, 0, 68]);
});
