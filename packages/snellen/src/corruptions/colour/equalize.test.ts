import { expect, it } from "vitest";
import {
  expectSameBytes,
  noisePicture,
  plainPicture,
  takesPicturesOfAnySize,
} from "../test-support/pictures.ts";
import { equalsRecorded } from "../test-support/recorded-cases.ts";
import { equalize } from "./equalize.ts";

equalsRecorded(equalize, new URL("./fixtures/", import.meta.url));
takesPicturesOfAnySize(equalize);

it("spreads values evenly", () => {
  const made = equalize.apply(noisePicture(100, 100), 1, undefined);
  for (const quarter of [0, 1, 2, 3]) {
    const share = made.filter((byte) => byte >> 6 === quarter).length / made.length;
    // values come in steps: 200 levels of equal counts over 256
    expect(Math.abs(share - 0.25)).toBeLessThan(0.01);
  }
});

it("leaves channels of one value alone", () => {
  const plain = plainPicture(32, 32, [3, 100, 255]);
  expectSameBytes(equalize.apply(plain, 1, undefined), plain.data);
});
