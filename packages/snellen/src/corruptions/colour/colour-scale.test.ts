import { it } from "vitest";
import { expectSameBytes, plainPicture, takesPicturesOfAnySize } from "../test-support/pictures.ts";
import { equalsRecorded } from "../test-support/recorded-cases.ts";
import { colourScale } from "./colour-scale.ts";

equalsRecorded(colourScale, new URL("./fixtures/", import.meta.url));
takesPicturesOfAnySize(colourScale);

it("multiplies until values are white", () => {
  const clean = plainPicture(32, 32, [10, 100, 0]);
  expectSameBytes(colourScale.apply(clean, 2, undefined), plainPicture(32, 32, [20, 200, 0]).data);
  expectSameBytes(colourScale.apply(clean, 3, undefined), plainPicture(32, 32, [30, 255, 0]).data);
});
