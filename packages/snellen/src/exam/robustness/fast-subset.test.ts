// Oracle: conditions written by hand.
import { expect, it } from "vitest";
import { corruptedKeys } from "./fast-subset.ts";

it("corruptions are run at the severities of the subset", () => {
  expect(corruptedKeys(["fog", "contrast"])).toEqual(["fog/3", "fog/5", "contrast/3", "contrast/5"]);
});
