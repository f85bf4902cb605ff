import { expect, it } from "vitest";
import { expectSameBytes, plainPicture, takesPicturesOfAnySize } from "../test-support/pictures.ts";
import { equalsRecorded } from "../test-support/recorded-cases.ts";
import { contrastEnhancement } from "./contrast-enhancement.ts";

equalsRecorded(contrastEnhancement, new URL("./fixtures/", import.meta.url));
takesPicturesOfAnySize(contrastEnhancement);

it("grows as the factor does, about the picture's mean", () => {
  // mean grey 120: values 110 and 130 move apart by the factor
  const clean = { width: 2, height: 1, data: Uint8Array.of(110, 110, 110, 130, 130, 130) };
  for (const factor of [1.1, 1.7, 3, 10])
    expect([...contrastEnhancement.apply(clean, factor, undefined)]).toEqual(
      [120 - 10 * factor, 120 + 10 * factor].flatMap((v) => Array(3).fill(v)),
    );
});

it("leaves a picture of one grey alone", () => {
  const grey = plainPicture(32, 32, [77, 77, 77]);
  expectSameBytes(contrastEnhancement.apply(grey, 3, undefined), grey.data);
});
