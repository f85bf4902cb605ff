import { expect, it } from "vitest";
import { plainPicture, takesPicturesOfAnySize } from "../test-support/pictures.ts";
import { equalsRecorded } from "../test-support/recorded-cases.ts";
import { posterize } from "./posterize.ts";

equalsRecorded(posterize, new URL("./fixtures/", import.meta.url));
takesPicturesOfAnySize(posterize);

it.each([1, 2, 3, 4, 5, 6, 7, 8])("leaves 2 to the power of %i levels", (bits) => {
  const ramp = { width: 256, height: 1, data: Uint8Array.from({ length: 768 }, (_, i) => Math.floor(i / 3)) };
  expect(new Set(posterize.apply(ramp, bits, undefined)).size).toBe(2 ** bits);
});

it("refuses parts of bits", () => {
  expect(() => posterize.apply(plainPicture(32, 32, [1, 2, 3]), 2.5, undefined)).toThrow(
    /a whole number from 1 to 8/,
  );
});
