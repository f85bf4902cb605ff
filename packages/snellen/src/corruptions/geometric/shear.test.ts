import { expect, it } from "vitest";
import { randomStream } from "../../random.ts";
import { noisePicture, takesPicturesOfAnySize } from "../test-support/pictures.ts";
import { equalsRecorded } from "../test-support/recorded-cases.ts";
import { shear } from "./shear.ts";

equalsRecorded(shear, new URL("./fixtures/", import.meta.url));
takesPicturesOfAnySize(shear);

it("slides rows by whole pixels at 45 degrees, the middle one not at all", () => {
  const clean = noisePicture(65, 33);
  const made = shear.apply(clean, 45, { axis: "x", sign: 1 });
  for (const y of [0, 10, 16, 32])
    for (const x of [20, 32, 45]) expect(made[3 * (65 * y + x)]).toBe(clean.data[3 * (65 * y + x + y - 16)]);
});

it("draws both axes and both signs equally often", () => {
  const clean = noisePicture(32, 32);
  const counts: Record<string, number> = {};
  for (let seed = 0; seed < 1000; seed++) {
    const { axis, sign } = shear.draw!(randomStream(seed), clean, 5);
    counts[`${axis}${sign}`] = (counts[`${axis}${sign}`] ?? 0) + 1;
  }
  expect(Object.keys(counts).sort()).toEqual(["x-1", "x1", "y-1", "y1"]);
  // five standard deviations of a quarter
  for (const count of Object.values(counts)) expect(Math.abs(count - 250)).toBeLessThan(70);
});
