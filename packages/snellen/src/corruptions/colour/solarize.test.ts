import { it } from "vitest";
import { expectSameBytes, noisePicture, takesPicturesOfAnySize } from "../test-support/pictures.ts";
import { equalsRecorded } from "../test-support/recorded-cases.ts";
import { solarize } from "./solarize.ts";

equalsRecorded(solarize, new URL("./fixtures/", import.meta.url));
takesPicturesOfAnySize(solarize);

it("inverts everything from 0 on, and nothing from 256 on", () => {
  const clean = noisePicture(32, 32);
  expectSameBytes(
    solarize.apply(clean, 0, undefined),
    clean.data.map((byte) => 255 - byte),
  );
  expectSameBytes(solarize.apply(clean, 256, undefined), clean.data);
});
