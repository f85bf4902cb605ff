import { it } from "vitest";
import { expectSameBytes, noisePicture, takesPicturesOfAnySize } from "../test-support/pictures.ts";
import { equalsRecorded } from "../test-support/recorded-cases.ts";
import { inversion } from "./inversion.ts";

equalsRecorded(inversion, new URL("./fixtures/", import.meta.url));
takesPicturesOfAnySize(inversion);

it("is its own inverse when complete", () => {
  const clean = noisePicture(32, 33);
  const negative = inversion.apply(clean, 1, undefined);
  expectSameBytes(
    negative,
    clean.data.map((byte) => 255 - byte),
  );
  expectSameBytes(inversion.apply({ ...clean, data: negative }, 1, undefined), clean.data);
});
