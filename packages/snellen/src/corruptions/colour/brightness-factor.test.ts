import { expect, it } from "vitest";
import { expectSameBytes, noisePicture, takesPicturesOfAnySize } from "../test-support/pictures.ts";
import { equalsRecorded } from "../test-support/recorded-cases.ts";
import { brightnessFactor } from "./brightness-factor.ts";
import { colourScale } from "./colour-scale.ts";

equalsRecorded(brightnessFactor, new URL("./fixtures/", import.meta.url));
takesPicturesOfAnySize(brightnessFactor);

it("is the same product as colour_scale", () => {
  const clean = noisePicture(32, 32);
  expectSameBytes(brightnessFactor.apply(clean, 0.3, undefined), colourScale.apply(clean, 0.3, undefined));
});

it("does not brighten", () => {
  const brightened = () => brightnessFactor.apply(noisePicture(32, 32), 1.5, undefined);
  expect(brightened).toThrow(/brightness_factor: brightness_factor does not have a level 1.5/);
});
