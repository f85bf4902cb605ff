// Oracle: numbers written out by hand.
import { expect, it } from "vitest";
import { fixedNumber } from "./number.ts";

it("writes no minus before a zero", () => {
  expect([-0.04, -0, 0.04].map((value) => fixedNumber(value, 1))).toEqual(["0.0", "0.0", "0.0"]);
  expect([-0.4, -0.6].map((value) => fixedNumber(value, 0))).toEqual(["0", "-1"]);
  expect(fixedNumber(-10.04, 1)).toBe("-10.0");
});
