import { expect, it } from "vitest";
import {
  expectSameBytes,
  noisePicture,
  plainPicture,
  takesPicturesOfAnySize,
} from "../test-support/pictures.ts";
import { equalsRecorded } from "../test-support/recorded-cases.ts";
import { sharpness } from "./sharpness.ts";

equalsRecorded(sharpness, new URL("./fixtures/", import.meta.url));
takesPicturesOfAnySize(sharpness);

it("leaves plain pictures and borders alone", () => {
  const plain = plainPicture(32, 32, [12, 200, 99]);
  expectSameBytes(sharpness.apply(plain, 17, undefined), plain.data);
  const clean = noisePicture(33, 40);
  const made = sharpness.apply(clean, 5, undefined);
  expectSameBytes(made.subarray(0, 99), clean.data.subarray(0, 99));
  expectSameBytes(made.subarray(-99), clean.data.subarray(-99));
  for (let y = 0; y < 40; y++) expect(made[99 * y]).toBe(clean.data[99 * y]);
});
