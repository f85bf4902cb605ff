import { UsageError } from "@snellen/graph";
import { expect, it } from "vitest";
import { requireLevel } from "./level.ts";

it.each([0, 0.5, 1])("takes %f", (level) => {
  expect(() => requireLevel("inversion", level, { from: 0, to: 1 })).not.toThrow();
});

it.each([-0.1, 1.1, Number.NaN, Number.POSITIVE_INFINITY])("refuses %f", (level) => {
  const check = () => requireLevel("inversion", level, { from: 0, to: 1 });
  expect(check).toThrow(UsageError);
  expect(check).toThrow(
    expect.objectContaining({
      code: "corruption-level",
      where: "inversion",
      hint: "Give a number from 0 to 1.",
    }),
  );
});

it("refuses fractions where they have no meaning", () => {
  const check = () => requireLevel("posterize", 2.5, { from: 1, to: 8, whole: true });
  expect(check).toThrow(/posterize does not have a level 2.5. Give a whole number from 1 to 8./);
});
