import { expect, it } from "vitest";
import {
  expectSameBytes,
  noisePicture,
  plainPicture,
  takesPicturesOfAnySize,
} from "../test-support/pictures.ts";
import { equalsRecorded } from "../test-support/recorded-cases.ts";
import { hue } from "./hue.ts";

equalsRecorded(hue, new URL("./fixtures/", import.meta.url));
takesPicturesOfAnySize(hue);

it.each([
  [60, [255, 255, 0]],
  [120, [0, 255, 0]],
  [180, [0, 255, 255]],
  [-120, [0, 0, 255]],
  [360, [255, 0, 0]],
])("turns red by %i degrees into %j", (degrees, colour) => {
  const red = plainPicture(32, 32, [255, 0, 0]);
  expectSameBytes(hue.apply(red, degrees, undefined), plainPicture(32, 32, colour).data);
});

it("comes back after the rest of the circle, and keeps highest and lowest values", () => {
  const clean = noisePicture(32, 32);
  const turned = hue.apply(clean, 120, undefined);
  expectSameBytes(hue.apply({ ...clean, data: turned }, 240, undefined), clean.data);
  const part = hue.apply(clean, 77, undefined);
  for (let i = 0; i < part.length; i += 3) {
    const [before, after] = [clean.data.subarray(i, i + 3), part.subarray(i, i + 3)];
    expect([Math.max(...after), Math.min(...after)]).toEqual([Math.max(...before), Math.min(...before)]);
  }
});
