import { expect, it } from "vitest";
import { takesPicturesOfAnySize } from "../test-support/pictures.ts";
import { equalsReference } from "../test-support/reference.ts";
import { contrast } from "./contrast.ts";

equalsReference(contrast);
takesPicturesOfAnySize(contrast);

it("goes towards the mean of each channel, not of the picture", () => {
  // halves of 0 and 200 in red, of 100 and 100 in green, of 50 and 250 in blue
  const data = Uint8Array.from({ length: 32 * 32 }, (_, i) => i % 2).reduce(
    (into, half, i) => {
      into.set(half ? [200, 100, 250] : [0, 100, 50], 3 * i);
      return into;
    },
    new Uint8Array(3 * 32 * 32),
  );
  const made = contrast.apply({ width: 32, height: 32, data }, 0.3, undefined);
  expect([70, 69]).toContain(made[0]);
  expect([130, 129]).toContain(made[3]);
  expect([100, 99]).toContain(made[1]);
  expect([120, 119]).toContain(made[2]);
  expect([180, 179]).toContain(made[5]);
});
