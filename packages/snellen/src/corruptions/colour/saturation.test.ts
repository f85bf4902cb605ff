import { it } from "vitest";
import { expectSameBytes, plainPicture, takesPicturesOfAnySize } from "../test-support/pictures.ts";
import { equalsRecorded } from "../test-support/recorded-cases.ts";
import { saturation } from "./saturation.ts";

equalsRecorded(saturation, new URL("./fixtures/", import.meta.url));
takesPicturesOfAnySize(saturation);

it("ends in grey of the same luma", () => {
  const red = plainPicture(32, 32, [255, 0, 0]);
  expectSameBytes(saturation.apply(red, 0, undefined), plainPicture(32, 32, [76, 76, 76]).data);
});
