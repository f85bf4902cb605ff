import { expect, it } from "vitest";
import { randomStream } from "../../random.ts";
import { expectSameBytes, noisePicture, takesPicturesOfAnySize } from "../test-support/pictures.ts";
import { equalsRecorded } from "../test-support/recorded-cases.ts";
import { rotation } from "./rotation.ts";

equalsRecorded(rotation, new URL("./fixtures/", import.meta.url));
takesPicturesOfAnySize(rotation);

it.each([32, 33])("by 90 degrees equals %i square pixels with rows and columns exchanged", (side) => {
  const clean = noisePicture(side, side);
  const counterClockwise = clean.data.map((_, i) => {
    const [x, y, c] = [Math.floor(i / 3) % side, Math.floor(i / 3 / side), i % 3];
    return clean.data[3 * (x * side + side - 1 - y) + c]!;
  });
  expectSameBytes(rotation.apply(clean, 90, 1), counterClockwise);
  expectSameBytes(rotation.apply({ ...clean, data: counterClockwise }, 90, -1), clean.data);
  expectSameBytes(rotation.apply(clean, 180, 1), rotation.apply(clean, 180, -1));
  expectSameBytes(rotation.apply(clean, 360, 1), clean.data);
});

it("turns either way equally often", () => {
  const clean = noisePicture(32, 32);
  const left = Array.from({ length: 1000 }, (_, seed) => rotation.draw!(randomStream(seed), clean, 5)).filter(
    (sign) => sign === 1,
  );
  // five standard deviations of a fair coin
  expect(Math.abs(left.length - 500)).toBeLessThan(80);
});
