import { expect, it } from "vitest";
import {
  expectSameBytes,
  noisePicture,
  plainPicture,
  takesPicturesOfAnySize,
} from "../test-support/pictures.ts";
import { equalsRecorded } from "../test-support/recorded-cases.ts";
import { autocontrast } from "./autocontrast.ts";

equalsRecorded(autocontrast, new URL("./fixtures/", import.meta.url));
takesPicturesOfAnySize(autocontrast);

it("reaches black and white in every channel", () => {
  const made = autocontrast.apply(noisePicture(40, 40), 0, undefined);
  for (const c of [0, 1, 2]) {
    const values = made.filter((_, i) => i % 3 === c);
    expect([Math.min(...values), Math.max(...values)]).toEqual([0, 255]);
  }
});

it("leaves channels of one value alone", () => {
  const plain = plainPicture(32, 32, [3, 100, 255]);
  for (const level of autocontrast.levels)
    expectSameBytes(autocontrast.apply(plain, level, undefined), plain.data);
});
